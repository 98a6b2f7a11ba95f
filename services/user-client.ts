/** The user service in a Pod, called over the network. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Cluster, ClusterError, poll } from 'local-cluster';

export const USER_PORT = 10086;
/** Milliseconds for one request. */
const REQUEST_TIMEOUT = 15_000;
/** Milliseconds between two polls: each may be the process's first connection. */
const READY_INTERVAL = 300;

export interface UserPod {
  readonly namespace: string;
  readonly name: string;
  /** Its IP address. */
  readonly address: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: {
    readonly user_info?: { readonly id: number; readonly email: string };
    readonly error?: string;
  };
}

export interface UserClient {
  /** Such as `http://10.244.0.7:10086`. */
  readonly origin: string;
  /** How it is reached, as a report says it. */
  readonly route: string;
  register(username: string, email: string, password: string): Promise<Answer>;
  login(email: string, password: string): Promise<Answer>;
}

/**
 * Calls the service in a Pod once it says that it is ready, which it is when its MySQL answers.
 *
 * @param timeout milliseconds for it to get ready.
 * @param signal ends the wait and what it takes, once it is aborted.
 * @throws {ClusterError} with its last answer, when it does not.
 */
export async function withUserClient<T>(
  cluster: Cluster,
  pod: UserPod,
  timeout: number,
  use: (client: UserClient) => Promise<T>,
  signal = new AbortController().signal,
): Promise<T> {
  const { origin, route, close } = await reach(cluster, pod, signal);
  const wait = {
    what: `${pod.name} to answer /readyz with 200`,
    timeout,
    interval: READY_INTERVAL,
  };
  try {
    await poll<boolean>(wait, async () => {
      signal.throwIfAborted();
      try {
        const response = await fetch(`${origin}/readyz`, {
          signal: AbortSignal.timeout(REQUEST_TIMEOUT),
        });
        const text = await response.text();
        return response.ok ? { found: true } : { lastSeen: `${response.status} ${text.trim()}` };
      } catch (error) {
        return { lastSeen: (error as Error).message };
      }
    });
    return await use({
      origin,
      route,
      register: (username, email, password) =>
        post(`${origin}/register`, { username, email, password }),
      login: (email, password) => post(`${origin}/login`, { email, password }),
    });
  } finally {
    close();
  }
}

/** The Pod network of a node on this machine answers from here; that of any other is reached through its API server. */
async function reach(cluster: Cluster, { namespace, name, address }: UserPod, signal: AbortSignal) {
  if (cluster.provider === 'node' && address !== undefined) {
    return {
      origin: `http://${address}:${USER_PORT}`,
      route: "the Pod's address",
      close: () => undefined,
    };
  }
  const child = spawn(
    cluster.kubectlPath,
    [`--namespace=${namespace}`, 'port-forward', `pod/${name}`, `:${USER_PORT}`],
    { env: cluster.env, stdio: ['ignore', 'pipe', 'inherit'], signal },
  );
  // Of its end by the signal, whoever aborted it need not be told.
  child.on('error', () => undefined);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line', {
    signal: AbortSignal.timeout(REQUEST_TIMEOUT),
  })) as [string];
  const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  if (port === undefined) throw new ClusterError(`kubectl port-forward said: ${line}`);
  return {
    origin: `http://127.0.0.1:${port}`,
    route: 'kubectl port-forward',
    close: () => child.kill(),
  };
}

async function post(url: string, body: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}
