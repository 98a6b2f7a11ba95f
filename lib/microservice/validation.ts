import {
  choice,
  duration,
  integer,
  list,
  object,
  optional,
  record,
  type Rule,
  rule,
  type Rules,
  text,
  variant,
} from '../app/rules';
import type { FieldError } from '../app/validation';
import { ValidatedConstruct } from '../app/validated';
import type { Environment } from '../environment/environment';
import {
  port,
  validateHost,
  validateName,
  validateNamespace,
  validateObjectName,
  validatePort,
} from '../environment/name';
import { validateVersionedImage } from '../images/reference';
import type { Endpoint } from '../network/endpoint';
import { validateResources } from '../pod/resources';
import {
  type Giver,
  validateGivenOnce,
  validateVariableName,
  validateVariables,
} from '../pod/variables';
import { validateNoSecret } from '../secrets/literal';
import { validateArgument } from '../secrets/rendered';
import { SecretReference } from '../secrets/secret';
import { DEFAULTS, secretVariables, variablesOf } from './configuration';
import type { Autoscaler, MicroserviceProps, Migration, Probes, Route } from './props';

/** As many Pods as no mistake should ask for: clusters are made for 5,000 nodes. */
const MOST_PODS = 10_000;

const path = text(
  /^\/[!-~]*$/,
  'be a path that begins with "/", of visible ASCII characters',
  'use a path such as "/healthz"',
);

const argument: Rule = (field, value) =>
  typeof value === 'string'
    ? validateArgument(field, value)
    : [{ field, rule: 'must be a string', received: value, fix: 'put it in quotes' }];

const RULES: Omit<Rules<MicroserviceProps>, 'uses' | 'secrets' | 'migration'> = {
  image: validateVersionedImage,
  port: port(1024),
  adminPort: optional(port(1024)),
  probes: object<Probes>(
    {
      start: optional(path),
      ready: optional(path),
      live: path,
      port: optional(validatePort),
    },
    "use one such as { live: '/healthz' }",
  ),
  replicas: optional(integer(1, MOST_PODS, 'use 3, or 2 where little depends on it')),
  autoscaler: optional(
    object<Autoscaler>(
      {
        min: integer(2, MOST_PODS, 'use 2 or 3', ', so that a node can be drained'),
        max: integer(2, MOST_PODS, 'use more than the minimum'),
        cpu: optional(integer(1, 100, 'use 70', ', a percentage')),
      },
      'use one such as { min: 3, max: 12 }',
    ),
  ),
  resources: optional(validateResources({ memory: 1, disk: 64 })),
  args: optional(list(argument)),
  env: optional(validateVariables),
  host: optional(validateHost),
  route: optional(
    variant(
      {
        gateway: object<object>({}, ''),
        ingress: object<Omit<Extract<Route, { kind: 'ingress' }>, 'kind'>>(
          {
            className: validateObjectName,
            namespace: validateNamespace,
            tlsSecret: optional(validateObjectName),
          },
          '',
        ),
      },
      "use { kind: 'gateway' }",
    ),
  ),
  openTo: optional(list(validateNamespace)),
  metrics: optional(choice('pod-monitor', 'annotations', 'none')),
  drainDelay: optional(duration(0, 'use Duration.seconds(8)')),
  gracePeriod: optional(duration(1, 'use Duration.seconds(30)')),
  preStopSleep: optional(duration(1, 'use Duration.seconds(5), or leave it out')),
  minReady: optional(duration(0, 'use Duration.seconds(10)')),
  progressDeadline: optional(duration(1, 'use Duration.minutes(10)')),
  maxUnavailable: optional(
    integer(1, MOST_PODS, 'use 1', ': with 0 no node could ever be drained'),
  ),
  user: optional(integer(1, 2 ** 31 - 1, 'use 65532', ': 0 is root')),
};

/** All that is wrong with the props of a microservice, once each. */
export function validateMicroservice(
  environment: Environment,
  name: string,
  props: MicroserviceProps,
): FieldError[] {
  const uses = usesIn(environment);
  const shape = object<MicroserviceProps>(
    {
      ...RULES,
      uses: optional(uses),
      secrets: optional(secretsIn(environment)),
      migration: optional(
        object<Migration>(
          { args: list(argument), env: optional(validateVariables), uses },
          "use one such as { args: ['migrate'], uses: {} }",
        ),
      ),
    },
    "use one such as { image, port: 8080, probes: { live: '/healthz' } }",
  );
  const errors = [...validateName('id', name), ...shape('', props)];
  // What one prop means for another can be told of those that are right.
  if (errors.length > 0) return errors;
  const { migration } = props;
  return [
    ...validatePorts(props),
    ...validateScale(props),
    ...validateTimes(props),
    ...(props.route === undefined || props.host !== undefined
      ? []
      : [error('route', 'must come with a host', props.route, 'give host, or leave it out')]),
    ...validateGivenOnce(
      ...giversIn('uses', props.uses ?? {}),
      { field: (name) => `secrets.${name}`, variables: secretVariables(props.secrets ?? {}) },
      {
        field: () => 'drainDelay',
        variables: props.drainDelay === undefined ? {} : { DRAIN_DELAY: '' },
      },
      { field: (name) => `env.${name}`, variables: props.env ?? {} },
    ),
    ...validateGivenOnce(...giversIn('migration.uses', migration?.uses ?? {}), {
      field: (name) => `migration.env.${name}`,
      variables: migration?.env ?? {},
    }),
  ];
}

function giversIn(field: string, uses: Readonly<Record<string, Endpoint>>): Giver[] {
  return Object.entries(uses).map(([prefix, endpoint]) => ({
    field: () => `${field}.${prefix}`,
    variables: variablesOf({ [prefix]: endpoint }),
  }));
}

function validatePorts({ probes, port, adminPort }: MicroserviceProps): FieldError[] {
  const ports = adminPort === undefined ? [port] : [port, adminPort];
  return [
    ...(adminPort !== port
      ? []
      : [
          error(
            'adminPort',
            'must be another port than port',
            adminPort,
            'leave it out, or use another',
          ),
        ]),
    ...(probes.port === undefined || ports.includes(probes.port)
      ? []
      : [
          error(
            'probes.port',
            `must be a port of the service, ${ports.join(' or ')}`,
            probes.port,
            'use one of those, or leave it out',
          ),
        ]),
  ];
}

function validateScale(props: MicroserviceProps): FieldError[] {
  const { replicas, autoscaler, maxUnavailable } = props;
  const fewest = autoscaler?.min ?? replicas ?? DEFAULTS.replicas;
  return [
    ...(replicas === undefined || autoscaler === undefined
      ? []
      : [
          error(
            'replicas',
            'must not be given beside an autoscaler, whose work each apply would undo',
            replicas,
            'remove it, or the autoscaler',
          ),
        ]),
    ...(autoscaler === undefined || autoscaler.max >= autoscaler.min
      ? []
      : [
          error(
            'autoscaler.max',
            `must be at least autoscaler.min, ${autoscaler.min}`,
            autoscaler.max,
            'raise it, or lower the minimum',
          ),
        ]),
    ...(maxUnavailable === undefined || maxUnavailable < fewest
      ? []
      : [
          error(
            'maxUnavailable',
            `must be below the ${fewest} that there are at least, or a drain could end them all`,
            maxUnavailable,
            fewest === 1 ? 'leave it out, or use 2 replicas or more' : `use ${fewest - 1} or less`,
          ),
        ]),
  ];
}

function validateTimes(props: MicroserviceProps): FieldError[] {
  const { drainDelay, gracePeriod, preStopSleep, minReady, progressDeadline } = props;
  const seconds = (duration: typeof drainDelay) => duration?.toSeconds() ?? 0;
  const before = seconds(drainDelay) + seconds(preStopSleep);
  const deadline = progressDeadline?.toSeconds() ?? DEFAULTS.progressDeadline;
  const errors: FieldError[] = [];
  if (gracePeriod !== undefined && seconds(gracePeriod) <= before)
    errors.push(
      error(
        'gracePeriod',
        `must be longer than preStopSleep and drainDelay together, ${before} seconds, or requests are cut off`,
        gracePeriod,
        `use Duration.seconds(${before + DEFAULTS.gracePeriod}), or leave it out`,
      ),
    );
  const wait = minReady?.toSeconds() ?? DEFAULTS.minReady;
  if (deadline <= wait)
    errors.push(
      error(
        progressDeadline === undefined ? 'minReady' : 'progressDeadline',
        `progressDeadline must be longer than minReady: ${deadline} and ${wait} seconds`,
        progressDeadline ?? minReady,
        'raise progressDeadline or lower minReady',
      ),
    );
  return errors;
}

const PREFIX = text(
  /^[A-Z][A-Z0-9_]*$/,
  'be named by a prefix of variables: upper-case letters, digits and "_"',
  'use a name such as MYSQL',
);

const ENDPOINT = rule(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    (value as Partial<Endpoint>).of instanceof ValidatedConstruct,
  'be given: a store, another service, or external()',
  'create it before this service and pass it',
);

function usesIn(environment: Environment): Rule {
  return record((field, prefix, value) => {
    const [first] = [...PREFIX(field, prefix), ...ENDPOINT(field, value)];
    if (first !== undefined) return [first];
    const endpoint = value as Endpoint;
    const errors = ownOf(environment, field, endpoint.of);
    if (!endpoint.of.isValid) return errors;
    // What is no secret as KEY may look like one as API_KEY.
    const variables = Object.entries(variablesOf({ [prefix]: endpoint }));
    return [...errors, ...variables.flatMap(([name, text]) => validateNoSecret(field, name, text))];
  });
}

function secretsIn(environment: Environment): Rule {
  return record((field, name, value) => {
    const { from, key } = { ...(value as { from?: unknown; key?: unknown } | undefined) };
    const errors = validateVariableName(field, name);
    if (errors.length > 0) return errors;
    if (!(from instanceof SecretReference))
      return [error(`${field}.from`, 'must be a SecretReference', from, 'create one and pass it')];
    if (!from.keys.includes(key as string))
      return [
        error(
          `${field}.key`,
          `must be a key of the Secret ${from.name}, which has ${from.keys.join(', ')}`,
          key,
          'use one of those',
        ),
      ];
    return ownOf(environment, `${field}.from`, from);
  });
}

/** What another environment has is in another namespace, where Pods find neither its name nor its Secrets. */
function ownOf(environment: Environment, field: string, of: ValidatedConstruct): FieldError[] {
  if (of.node.scope === environment) return [];
  return [
    error(
      field,
      `must be of the same environment, ${environment.node.path}`,
      of,
      'create one in this environment and pass it',
    ),
  ];
}

function error(field: string, rule: string, received: unknown, fix: string): FieldError {
  return { field, rule, received, fix };
}
