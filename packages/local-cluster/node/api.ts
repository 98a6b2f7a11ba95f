/** The API server asked directly, as its administrator: kubectl takes a process for each question. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { ClusterError } from '../cluster-error';
import { adminToken, CREDENTIALS } from './credentials';
import { API_SERVER_URL } from './layout';

/** Milliseconds for one answer. */
const TIMEOUT = 30_000;
/** In whose name fields are applied. */
const FIELD_MANAGER = 'local-cluster';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The object or list at a path; undefined where there is none. */
export async function read<T>(path: string): Promise<T | undefined> {
  const answer = await ask('GET', path);
  if (answer.status === 404) return undefined;
  return succeeded(answer, `GET ${path}`) as T;
}

/** Server-side apply, over whoever else owns a field. */
export async function apply(object: object): Promise<void> {
  const path = pathOf(object);
  const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, force: 'true' });
  const answer = await ask('PATCH', `${path}?${query.toString()}`, {
    body: object,
    type: 'application/apply-patch+yaml',
  });
  succeeded(answer, `apply ${path}`);
}

export async function patch(path: string, change: object): Promise<void> {
  const answer = await ask('PATCH', path, { body: change, type: 'application/merge-patch+json' });
  succeeded(answer, `PATCH ${path}`);
}

/** Deletes what is at a path; nothing there is no error. */
export async function remove(path: string): Promise<void> {
  const answer = await ask('DELETE', path);
  if (answer.status !== 404) succeeded(answer, `DELETE ${path}`);
}

/** Where the API has an object, by the rule after which Kubernetes names its resources: the plural in lower case. */
export function pathOf(object: object): string {
  const { apiVersion, kind, metadata } = object as {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string };
  };
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const singular = kind.toLowerCase();
  const plural = singular.endsWith('y')
    ? singular.replace(/y$/, 'ies')
    : `${singular}${singular.endsWith('s') ? 'es' : 's'}`;
  return `${root}${scope}/${plural}/${metadata.name}`;
}

function succeeded({ status, body }: Answer, what: string): unknown {
  if (status >= 200 && status < 300) return body;
  const message = (body as { message?: string } | undefined)?.message ?? JSON.stringify(body);
  throw new ClusterError(`${what}: the API server answered ${status} ${message}`);
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

function ask(
  method: string,
  path: string,
  content?: { readonly body: object; readonly type: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(new ClusterError(`${method} ${path}: ${error.message}`, { cause: error }));
    };
    const asked = request(
      `${API_SERVER_URL}${path}`,
      {
        method,
        agent,
        timeout: TIMEOUT,
        ca: readFileSync(CREDENTIALS.authority),
        headers: {
          authorization: `Bearer ${adminToken()}`,
          ...(content !== undefined && { 'content-type': content.type }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          try {
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as unknown });
          } catch {
            resolve({ status: response.statusCode ?? 0, body: text });
          }
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${TIMEOUT / 1000} s`)));
    asked.on('error', fail);
    asked.end(content === undefined ? undefined : JSON.stringify(content.body));
  });
}
