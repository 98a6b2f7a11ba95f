import { request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { identityOf, namesOf } from '../../verdict/identity';
import type { About } from '../../verdict/judgement';
import { parseJson } from '../../verdict/to-json';
import { objectId } from '../object-id';
import type { Member } from '../side';
import { type Fields, fieldsOf, listAt, textAt, valueAt } from '../read';
import { groupOf } from '../workload';
import { LAST_APPLIED, withoutServerFields } from '../server-fields';
import { SourceError } from './source';

/** Milliseconds within which a cluster has to answer: an API server gives a request up after as many (--request-timeout). */
const TIMEOUT = 60_000;
/** The context that @kubernetes/client-node makes up where it finds no kubeconfig. */
const NO_KUBECONFIG = 'loaded-context';
/** Objects of one answer. */
const PAGE = 500;

/**
 * What a cluster holds of the kinds and in the namespaces of the other set: its objects, and in its
 * namespaces others that somebody applied. Of what is in no namespace others are somebody else's, as
 * other namespaces are. Nothing is written.
 * @throws SourceError when the cluster does not answer, or forbids reading
 */
export async function membersOfCluster(
  context: string | undefined,
  other: readonly Member[],
  kinds: Pick<About, 'kinds' | 'otherKinds'>,
): Promise<Member[]> {
  const cluster = await connect(context);
  const wanted = new Set<string>();
  const places = new Map<string, { apiVersion: string; kind: string; namespace: string | null }>();
  for (const { manifest } of other) {
    const identity = identityOf(namesOf(manifest), kinds);
    const { apiVersion, kind, namespace } = identity;
    wanted.add(objectId(identity));
    places.set(`${apiVersion} ${kind} ${namespace ?? ''}`, { apiVersion, kind, namespace });
  }
  const members: Member[] = [];
  for (const { apiVersion, kind, namespace } of places.values()) {
    const path = await cluster.pathOf(apiVersion, kind, namespace);
    if (path === undefined) continue;
    for (const item of await cluster.list(path)) {
      const object: Fields = { apiVersion, kind, ...item };
      const isMore = textAt(object, 'metadata', 'namespace') !== '' && isApplied(object);
      if (!isMore && !wanted.has(objectId(identityOf(namesOf(object), kinds)))) continue;
      members.push({ manifest: manifestOf(object), live: object, place: null });
    }
  }
  return members;
}

/** Whether somebody applied the object, and no controller made it. */
function isApplied(object: Fields): boolean {
  if (listAt(object, 'metadata', 'ownerReferences').length > 0) return false;
  if (textAt(object, 'metadata', 'annotations', LAST_APPLIED) !== '') return true;
  return listAt(object, 'metadata', 'managedFields').some(
    (entry) => textAt(entry, 'operation') === 'Apply' && textAt(entry, 'subresource') === '',
  );
}

/** What was applied, as far as the object says; or else the object without what the server keeps in it. */
function manifestOf(object: Fields): Fields {
  try {
    const applied: unknown = parseJson(textAt(object, 'metadata', 'annotations', LAST_APPLIED));
    if (textAt(applied, 'kind') !== '') return fieldsOf(applied);
  } catch {
    // Not applied by kubectl without --server-side.
  }
  return withoutServerFields(object);
}

interface Cluster {
  /** The path that lists a kind; undefined where the cluster does not serve it. */
  pathOf(apiVersion: string, kind: string, namespace: string | null): Promise<string | undefined>;
  list(path: string): Promise<Fields[]>;
}

async function connect(context: string | undefined): Promise<Cluster> {
  const { KubeConfig } = await import('@kubernetes/client-node').catch(() => {
    throw new SourceError(
      'live: needs the package @kubernetes/client-node: npm install --save-dev @kubernetes/client-node',
    );
  });
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new SourceError(`live: the kubeconfig cannot be read: ${(error as Error).message}`);
  }
  // Where there is no kubeconfig, the package takes a cluster of its own on this machine.
  const isMadeUp = config.getCurrentContext() === NO_KUBECONFIG;
  const contexts = isMadeUp ? [] : config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!contexts.includes(context)) {
      const known = contexts.length === 0 ? 'there is none' : `there are ${contexts.join(', ')}`;
      throw new SourceError(`live:${context}/: the kubeconfig has no such context; ${known}`);
    }
    config.setCurrentContext(context);
  }
  const current = config.getCurrentCluster();
  if (current === null || contexts.length === 0) {
    throw new SourceError(
      'live: the kubeconfig names no cluster: set KUBECONFIG, or name a context (live:CONTEXT/)',
    );
  }
  const { server } = current;
  const name = `live:${context ?? config.getCurrentContext()}`;
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
  } catch (error) {
    // Credentials may come from a program, a file or a provider that does not work.
    throw new SourceError(
      `${name}: its credentials in the kubeconfig cannot be used: ${(error as Error).message}`,
    );
  }
  const get = (path: string): Promise<Fields | undefined> => getJson(name, server, path, options);
  const resources = new Map<string, Promise<Fields | undefined>>();
  return {
    async pathOf(apiVersion, kind, namespace) {
      const base = groupOf(apiVersion) === '' ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
      const listed = resources.get(base) ?? get(base);
      resources.set(base, listed);
      const found = listAt(await listed, 'resources').find(
        (resource) => textAt(resource, 'kind') === kind && !textAt(resource, 'name').includes('/'),
      );
      if (found === undefined) return undefined;
      const scope =
        valueAt(found, 'namespaced') === true && namespace !== null
          ? `/namespaces/${encodeURIComponent(namespace)}`
          : '';
      return `${base}${scope}/${textAt(found, 'name')}`;
    },
    async list(path) {
      const items: Fields[] = [];
      let token = '';
      do {
        const page = await get(
          `${path}?limit=${PAGE}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`,
        );
        items.push(...listAt(page, 'items'));
        token = textAt(page, 'metadata', 'continue');
      } while (token !== '');
      return items;
    },
  };
}

/** Undefined where there is no such path. */
function getJson(
  name: string,
  server: string,
  path: string,
  options: RequestOptions,
): Promise<Fields | undefined> {
  const fail = (message: string): SourceError => new SourceError(`${name}: ${message}`);
  return new Promise((resolve, reject) => {
    const url = new URL(server.replace(/\/$/, '') + path);
    const { agent, ...rest } = options;
    const send = url.protocol === 'http:' ? requestHttp : requestHttps;
    const sent = send(
      url,
      {
        ...rest,
        ...(agent === undefined ? {} : { agent: agent }),
        method: 'GET',
        timeout: TIMEOUT,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode = 0 } = response;
          const text = Buffer.concat(chunks).toString();
          if (statusCode === 404) resolve(undefined);
          else if (statusCode === 200) {
            try {
              resolve(fieldsOf(parseJson(text)));
            } catch {
              reject(fail(`${path} answered with what is no JSON`));
            }
          } else reject(fail(refusal(statusCode, path, text)));
        });
        response.on('error', (error) => {
          reject(fail(`${path}: ${error.message}`));
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`)));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.message || (error.code ?? 'no connection');
      reject(
        fail(
          `the cluster at ${url.origin} does not answer (${reason}): is it up, and is the context the right one?`,
        ),
      );
    });
    sent.end();
  });
}

function refusal(status: number, path: string, text: string): string {
  const message = ((): string => {
    try {
      return textAt(JSON.parse(text), 'message');
    } catch {
      return '';
    }
  })();
  if (status === 401) return `the credentials are not accepted (401): log in again`;
  if (status === 403)
    return `reading ${path} is forbidden (403): ${message || 'ask for the right to list it'}`;
  return `${path} answered ${status}${message === '' ? '' : `: ${message}`}`;
}
