/** The user service in a Pod, called over the network. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { expect } from '../../harness/claim';
import type { Pod } from '../../harness/objects';
import type { Stage } from '../../harness/stage';

const PORT = 10086;
/** Milliseconds for one request. */
const REQUEST_TIMEOUT = 15_000;

export interface Answer {
  readonly status: number;
  readonly body: {
    readonly user_info?: { readonly id: number; readonly email: string };
    readonly error?: string;
  };
}

export interface ServiceClient {
  /** How it is reached, as a report says it. */
  readonly route: string;
  register(username: string, email: string, password: string): Promise<Answer>;
  login(email: string, password: string): Promise<Answer>;
}

/** Calls the service in `pod` once it says that it is ready, which it is when its MySQL answers. */
export async function withService<T>(
  stage: Stage,
  pod: Pod,
  use: (client: ServiceClient) => Promise<T>,
): Promise<T> {
  const { origin, route, close } = await reach(stage, pod);
  try {
    await stage.until(`${pod.metadata.name} to answer /readyz with 200`, async () => {
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
async function reach(stage: Stage, pod: Pod) {
  const { cluster, namespace } = stage;
  const { podIP } = pod.status;
  if (cluster.provider === 'node' && podIP !== undefined) {
    return {
      origin: `http://${podIP}:${PORT}`,
      route: "the Pod's address",
      close: () => undefined,
    };
  }
  const child = spawn(
    cluster.kubectlPath,
    [`--namespace=${namespace}`, 'port-forward', `pod/${pod.metadata.name}`, `:${PORT}`],
    { env: cluster.env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line', {
    signal: AbortSignal.timeout(REQUEST_TIMEOUT),
  })) as [string];
  const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  expect(port !== undefined, () => `kubectl port-forward said: ${line}`);
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
