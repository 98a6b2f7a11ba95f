import type { LessonContainer, UserService } from './user-service';

/** The part of a Compose file (https://github.com/compose-spec/compose-spec) that is written here. */
export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
}

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly target?: string };
  readonly pull_policy?: 'always' | 'missing' | 'never';
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: 'service_healthy' }>>;
  readonly healthcheck: HealthCheck;
}

export interface HealthCheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
}

/** Starts once all the others are healthy. */
const SERVICE = 'user';
/** Holds the network namespace that the others join, and so publishes the ports of all of them. */
const NETWORK_OWNER = 'mysql';

const PULL_POLICIES = { Always: 'always', IfNotPresent: 'missing', Never: 'never' } as const;

/**
 * The lesson's containers for `docker compose` or `podman-compose`: those of its Pod, in one network namespace as in a
 * Pod, so that the service finds its stores on 127.0.0.1. Paths are relative to `services`.
 */
export function composeFile({ name, template: { containers } }: UserService): ComposeFile {
  const services = containers.map((container): [string, ComposeService] => [
    container.name,
    composeService(container, containers),
  ]);
  return { name, services: Object.fromEntries(services) };
}

function composeService(
  { name, image, build, imagePullPolicy, env, healthCheck }: LessonContainer,
  all: readonly LessonContainer[],
): ComposeService {
  const others = all.map((container) => container.name).filter((other) => other !== name);
  const ports = all.flatMap((container) => container.ports ?? []);
  return {
    image,
    ...(build && { build }),
    ...(imagePullPolicy && { pull_policy: PULL_POLICIES[imagePullPolicy] }),
    ...(name === NETWORK_OWNER
      ? { ports: ports.map((port) => `${port}:${port}`) }
      : { network_mode: `service:${NETWORK_OWNER}` }),
    ...(env && {
      environment: Object.fromEntries(
        Object.entries(env).map(([key, value]) => [key, verbatim(value)]),
      ),
    }),
    ...(name === SERVICE && {
      depends_on: Object.fromEntries(
        others.map((other) => [other, { condition: 'service_healthy' }]),
      ),
    }),
    healthcheck: {
      test: ['CMD', ...healthCheck.map(verbatim)],
      interval: '2s',
      timeout: '5s',
      retries: 60,
    },
  };
}

/** Compose would put a variable of its own in the place of `$NAME`; `$$` is its `$`. */
function verbatim(text: string): string {
  return text.replaceAll('$', () => '$$');
}
