/** Asks the servers of the node whether they are well: one request each, answered or not. */
import { readFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { adminToken, CREDENTIALS } from './credentials';

/** Milliseconds for one answer. */
const TIMEOUT = 2_000;

/** How a probe identifies itself: not at all, with the API server's client certificate, or with the administrator's token. */
export type Identification = 'none' | 'certificate' | 'token';

/** Undefined when the server answers 200; otherwise what was seen instead. */
export function probe(url: string, as: Identification = 'none'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const answered = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString().trim().slice(0, 500);
        resolve(
          response.statusCode === 200
            ? undefined
            : `${url} answered ${response.statusCode} ${body}`,
        );
      });
    };
    const request = url.startsWith('https:')
      ? httpsGet(url, { timeout: TIMEOUT, agent: false, ...identity(as) }, answered)
      : httpGet(url, { timeout: TIMEOUT, agent: false }, answered);
    request.on('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT / 1000} s`)));
    request.on('error', (error) => {
      resolve(`${url}: ${error.message}`);
    });
  });
}

function identity(as: Identification): {
  ca: Buffer;
  cert?: Buffer;
  key?: Buffer;
  headers?: Record<string, string>;
} {
  const ca = readFileSync(CREDENTIALS.authority);
  if (as === 'token') return { ca, headers: { authorization: `Bearer ${adminToken()}` } };
  if (as === 'none') return { ca };
  const { certificate, key } = CREDENTIALS.client;
  return { ca, cert: readFileSync(certificate), key: readFileSync(key) };
}
