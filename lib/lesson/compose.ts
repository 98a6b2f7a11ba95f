import type { Container } from '../workload/pod-template';
import { CONTAINERS, type UserService } from './user-service';

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

type ContainerName = (typeof CONTAINERS)[number];

/** What one machine needs to know of a container, and a Pod does not say. */
const ON_ONE_MACHINE: Readonly<
  Record<
    ContainerName,
    { readonly build?: ComposeService['build']; readonly health: readonly string[] }
  >
> = {
  user: { build: { context: './user', target: 'lesson' }, health: ['./user', '--check'] },
  mysql: {
    build: { context: './mysql-for-user' },
    // By address: while the image initialises, MySQL answers on its socket only. `$$` is Compose's `$`.
    health: ['sh', '-c', 'mysqladmin ping -h 127.0.0.1 -uroot -p"$$MYSQL_ROOT_PASSWORD"'],
  },
  redis: { health: ['redis-cli', 'ping'] },
};

/** Holds the network namespace that the other containers join, and so publishes the ports of all of them. */
const NETWORK_OWNER: ContainerName = 'mysql';

const PULL_POLICIES = { Always: 'always', IfNotPresent: 'missing', Never: 'never' } as const;

/**
 * The lesson's three containers for `docker compose` or `podman-compose`: those of its Pod, in one network namespace as
 * in a Pod, so that the service finds its stores on 127.0.0.1. Paths are relative to `services`.
 */
export function composeFile({ name, template }: UserService): ComposeFile {
  const ports = template.containers.flatMap((container) => container.ports ?? []);
  const services = template.containers.map((container): [string, ComposeService] => [
    container.name,
    composeService(container, ports),
  ]);
  return { name, services: Object.fromEntries(services) };
}

function composeService(container: Container, ports: readonly number[]): ComposeService {
  const { name, image, imagePullPolicy, env } = container;
  const { build, health } = ON_ONE_MACHINE[name as ContainerName];
  const others = CONTAINERS.filter((other) => other !== name);
  return {
    image,
    ...(build && { build }),
    ...(imagePullPolicy && { pull_policy: PULL_POLICIES[imagePullPolicy] }),
    ...(name === NETWORK_OWNER
      ? { ports: ports.map((port) => `${String(port)}:${String(port)}`) }
      : { network_mode: `service:${NETWORK_OWNER}` }),
    ...(env && { environment: env }),
    ...(name === 'user' && {
      depends_on: Object.fromEntries(
        others.map((store) => [store, { condition: 'service_healthy' }]),
      ),
    }),
    healthcheck: { test: ['CMD', ...health], interval: '2s', timeout: '5s', retries: 60 },
  };
}
