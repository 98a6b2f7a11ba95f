import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { IntOrString, type Probe } from '../../imports/k8s';
import { boolean, object, optional, type Rules } from '../app/rules';
import type { Environment } from '../environment/environment';
import { validateName, validateObjectName } from '../environment/name';
import { EnvironmentPart } from '../environment/part';
import { validateVersionedImage } from '../images/reference';
import type { Endpoint } from '../network/endpoint';
import { Paths, pods } from '../network/policy';
import { hashedConfigMap } from '../pod/config-map';
import { type Resources, validateResources } from '../pod/resources';
import { secretFolder, SecretReference } from '../secrets/secret';
import { headlessName, statefulStore, storeCertificate, validateStorage } from './stateful';

const PORT = 6379;
const DEFAULT_RESOURCES: Resources = {
  cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
  memory: Size.mebibytes(256),
};

export interface RedisProps {
  /** Redis 7 or later: users are Redis 6's, and its append-only folder is Redis 7's. */
  readonly image: string;
  /** Size of the claim. @default - 1 GiB: five times what the default memory holds, for files that are written anew beside the old */
  readonly storage?: Size;
  /** @default - the cluster's default, whose name differs from one cluster to the next */
  readonly storageClass?: string;
  /**
   * @default - 100m to 1 processor, 256 MiB of memory, three quarters of it for data: the rest is for what changes while
   * its file is written anew
   */
  readonly resources?: Resources;
  /** Whether the server takes connections by TLS alone. @default true: without it, passwords cross the network in the clear */
  readonly tls?: boolean;
}

/**
 * One Redis server that keeps what it acknowledged when its process is killed, and refuses writes rather than to
 * forget keys when it is full.
 */
export class Redis extends EnvironmentPart implements Endpoint {
  readonly of = this;
  readonly variables: Endpoint['variables'];
  readonly files: Endpoint['files'];
  readonly peer: Endpoint['peer'];
  readonly targetPort = PORT;
  private readonly paths: Paths | undefined;

  constructor(environment: Environment, id: string, props: RedisProps) {
    super(environment, id);
    const errors = [
      ...validateName('id', id),
      ...object(PROPS, "use one such as { image: 'redis:7.4' }")('', props),
    ];
    const {
      storage = Size.gibibytes(1),
      tls = true,
      resources = DEFAULT_RESOURCES,
    }: Partial<RedisProps> = errors.length > 0 ? {} : props;
    const labels = { 'app.kubernetes.io/name': id };
    const account = `${id}-user`;
    this.variables = { HOST: id, PORT: `${PORT}` };
    this.files = {
      USER: { secret: account, key: 'username' },
      PASSWORD: { secret: account, key: 'password' },
      ...(tls && { TLS_CA: { secret: `${id}-tls`, key: 'ca.crt' } }),
    };
    this.peer = pods(labels);
    const names = [id, headlessName(id)];
    if (!this.accept(errors, () => this.claim('id', id, 'name', names))) return;

    const secrets = [
      new SecretReference(environment, `${id}-admin`, { kind: 'password' }, Redis),
      new SecretReference(
        environment,
        account,
        {
          kind: 'account',
          accounts: ['user_1', 'user_2'],
          store: { pod: `${id}-0`, script: ['sh', '/etc/redis/account'] },
        },
        Redis,
      ),
      ...(tls ? [storeCertificate(this)] : []),
    ];
    const chart = this.chart(id);
    this.paths = new Paths(chart, id, labels);
    const client = tls ? ['--tls', '--cacert', `${secretFolder(`${id}-tls`)}/ca.crt`] : [];
    const files = hashedConfigMap(chart, id, {
      account: accountScript(id, client),
      'redis.conf': serverOptions(resources.memory, tls ? secretFolder(`${id}-tls`) : undefined),
      'start.sh': startScript(id),
    });
    statefulStore(chart, {
      name: id,
      labels,
      port: PORT,
      dataFolder: '/data',
      storage,
      ...(props.storageClass !== undefined && { storageClass: props.storageClass }),
      gracePeriodSeconds: 30,
      container: {
        name: 'redis',
        image: props.image,
        command: ['sh', '/etc/redis/start.sh'],
        ports: { redis: PORT },
        resources,
        probes: probes(client),
        secrets: secrets.flatMap(({ files }) => files),
        files: { '/etc/redis': files },
        scratch: { '/run/redis': Size.mebibytes(1) },
      },
    });
  }

  allowFrom(labels: Readonly<Record<string, string>>): void {
    this.paths?.allowFrom({ peer: pods(labels), port: PORT });
  }
}

const PROPS: Rules<RedisProps> = {
  image: validateVersionedImage,
  storage: optional(validateStorage),
  storageClass: optional(validateObjectName),
  resources: optional(validateResources({ memory: 16, disk: 64 })),
  tls: optional(boolean),
};

function serverOptions(memory: Size, tlsFolder: string | undefined): string {
  return `dir /data
bind * -::*
# It keeps strangers from an account without a password: the only one may do nothing but ping.
protected-mode no
# Every write is in the file before it is answered; a power cut may take the last second of them.
appendonly yes
appendfsync everysec
maxmemory ${Math.floor((memory.toKibibytes() * 3) / 4)}kb
maxmemory-policy noeviction
aclfile /run/redis/users.acl
${
  tlsFolder === undefined
    ? `port ${PORT}
`
    : `port 0
tls-port ${PORT}
tls-auth-clients no
tls-ca-cert-file ${tlsFolder}/ca.crt
tls-cert-file ${tlsFolder}/tls.crt
tls-key-file ${tlsFolder}/tls.key
`
}`;
}

/** All but what administrators do, and what would harm all others. */
const RIGHTS = '~* &* +@all -@admin -@dangerous +info';

/** See {@link AccountStore}. What it makes is forgotten by a restart, which makes the account that the Secret says. */
function accountScript(name: string, client: readonly string[]): string {
  return `# account make|callers|lock NAME
set -eu
admin() {
  REDISCLI_AUTH=$(cat ${secretFolder(`${name}-admin`)}/password) redis-cli ${client.map((word) => `${word} `).join('')}--user admin -e "$@"
}
case $1 in
make) admin ACL SETUSER "$2" reset on "#$(tr -d '\\n' | sha256sum | cut -d ' ' -f 1)" ${RIGHTS.split(
    ' ',
  )
    .map((word) => `'${word}'`)
    .join(' ')} ;;
callers) admin CLIENT LIST | sed -n "/ user=$2 /s/.* addr=\\([^ ]*\\):[0-9]* .*/\\1/p" | sort -u ;;
lock) admin ACL SETUSER "$2" off ;;
esac
`;
}

/** Redis reads users from a file and passwords from nowhere else, so the file is made of the Secrets at each start. */
function startScript(name: string): string {
  return `set -eu
digest() { tr -d '\\n' <"$1" | sha256sum | cut -d ' ' -f 1; }
user=$(cat ${secretFolder(`${name}-user`)}/username)
umask 077
cat >/run/redis/users.acl <<EOF
user default on nopass resetkeys resetchannels -@all +ping
user admin on #$(digest ${secretFolder(`${name}-admin`)}/password) ~* &* +@all
user $user on #$(digest ${secretFolder(`${name}-user`)}/password) ${RIGHTS}
EOF
exec redis-server /etc/redis/redis.conf
`;
}

/** Everybody may ping: the account \`default\` has that one right. */
function probes(options: readonly string[]) {
  const ping: Probe = {
    exec: { command: ['sh', '-c', `redis-cli ${options.join(' ')} ping | grep -q PONG`] },
    timeoutSeconds: 5,
  };
  return {
    startupProbe: { ...ping, periodSeconds: 2, failureThreshold: 300 },
    readinessProbe: { ...ping, periodSeconds: 5, failureThreshold: 2 },
    // Loading a large file it answers -LOADING: not ready, and not to be restarted either.
    livenessProbe: {
      tcpSocket: { port: IntOrString.fromNumber(PORT) },
      periodSeconds: 10,
      failureThreshold: 6,
    },
  };
}
