import { type FieldError } from '../app/validation';
import { validateHost, validateName, validatePort } from '../environment/name';
import { validateImage } from '../images/reference';
import { validateResources } from '../pod/resources';
import { validateNoSecret } from '../secrets/literal';
import { validateArguments } from '../secrets/rendered';
import type { MicroserviceProps } from './props';

/** All that is wrong with the props of a microservice, once each. */
export function validateMicroservice(name: string, props: MicroserviceProps): FieldError[] {
  const { image, port, adminPort, host, env = {}, migration, openTo = [], route } = props;
  return [
    ...validateName('id', name),
    ...validateImage('image', image),
    ...validatePort('port', port, 1024),
    ...(adminPort === undefined ? [] : validatePort('adminPort', adminPort, 1024)),
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
    ...(host === undefined ? [] : validateHost('host', host)),
    ...(route?.kind === 'ingress'
      ? [
          ...validateName('route.className', route.className),
          ...validateName('route.namespace', route.namespace),
        ]
      : []),
    ...openTo.flatMap((namespace, index) => validateName(`openTo[${index}]`, namespace)),
    ...validateProbes(props),
    ...validateScale(props),
    ...validateTimes(props),
    ...(props.resources === undefined ? [] : validateResources('resources', props.resources)),
    ...validateArguments('args', props.args ?? []),
    ...validateArguments('migration.args', migration?.args ?? []),
    ...validateEnv('env', env),
    ...validateEnv('migration.env', migration?.env ?? {}),
    ...validateUses('uses', props.uses ?? {}),
    ...validateUses('migration.uses', migration?.uses ?? {}),
    ...validateSecrets(props),
    ...validateUser(props.user),
  ];
}

function validateProbes({ probes, port, adminPort }: MicroserviceProps): FieldError[] {
  const ports = adminPort === undefined ? [port] : [port, adminPort];
  const paths = { start: probes.start, ready: probes.ready, live: probes.live };
  return [
    ...Object.entries(paths)
      .filter(([name, path]) => (name === 'live' || path !== undefined) && !isPath(path))
      .map(([name, path]) =>
        error(
          `probes.${name}`,
          'must be a path that begins with "/"',
          path,
          'use a path such as "/healthz"',
        ),
      ),
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

function isPath(path: unknown): boolean {
  return typeof path === 'string' && /^\/[!-~]*$/.test(path);
}

function validateScale(props: MicroserviceProps): FieldError[] {
  const { replicas, autoscaler, maxUnavailable } = props;
  const fewest = autoscaler?.min ?? replicas ?? 3;
  const errors: FieldError[] = [];
  if (replicas !== undefined && !isInteger(replicas, 1))
    errors.push(
      error(
        'replicas',
        'must be an integer of 1 or more',
        replicas,
        'use 3, or 2 where little depends on it',
      ),
    );
  if (replicas !== undefined && autoscaler !== undefined)
    errors.push(
      error(
        'replicas',
        'must not be given beside an autoscaler, whose work each apply would undo',
        replicas,
        'remove it, or the autoscaler',
      ),
    );
  if (autoscaler !== undefined) {
    const { min, max, cpu = 70 } = autoscaler;
    if (!isInteger(min, 2))
      errors.push(
        error(
          'autoscaler.min',
          'must be an integer of 2 or more, so that a node can be drained',
          min,
          'use 2 or 3',
        ),
      );
    if (!isInteger(max, 1) || max < min)
      errors.push(
        error(
          'autoscaler.max',
          `must be an integer of at least autoscaler.min, ${min}`,
          max,
          'raise it, or lower the minimum',
        ),
      );
    if (!isInteger(cpu, 1) || cpu > 100)
      errors.push(error('autoscaler.cpu', 'must be a percentage from 1 to 100', cpu, 'use 70'));
  }
  if (maxUnavailable === undefined) return errors;
  if (!isInteger(maxUnavailable, 1))
    errors.push(
      error(
        'maxUnavailable',
        'must be an integer of 1 or more: with 0 no node could ever be drained',
        maxUnavailable,
        'use 1',
      ),
    );
  else if (maxUnavailable >= fewest)
    errors.push(
      error(
        'maxUnavailable',
        `must be below the ${fewest} that there are at least, or a drain could end them all`,
        maxUnavailable,
        fewest === 1 ? 'leave it out, or use 2 replicas or more' : `use ${fewest - 1} or less`,
      ),
    );
  return errors;
}

function validateTimes(props: MicroserviceProps): FieldError[] {
  const { drainDelay, gracePeriod, preStopSleep, minReady, progressDeadline } = props;
  const seconds = (duration: typeof drainDelay) => duration?.toSeconds() ?? 0;
  const before = seconds(drainDelay) + seconds(preStopSleep);
  const deadline = progressDeadline?.toSeconds() ?? 600;
  const errors: FieldError[] = [];
  if (gracePeriod !== undefined && seconds(gracePeriod) <= before)
    errors.push(
      error(
        'gracePeriod',
        `must be longer than preStopSleep and drainDelay together, ${before} seconds, or requests are cut off`,
        `${seconds(gracePeriod)} seconds`,
        `use Duration.seconds(${before + 25}), or leave it out`,
      ),
    );
  const wait = minReady?.toSeconds() ?? 10;
  if (deadline <= wait)
    errors.push(
      error(
        progressDeadline === undefined ? 'minReady' : 'progressDeadline',
        `progressDeadline must be longer than minReady: ${deadline} and ${wait} seconds`,
        `${progressDeadline === undefined ? wait : deadline} seconds`,
        'raise progressDeadline or lower minReady',
      ),
    );
  return errors;
}

function validateEnv(field: string, env: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const at = `${field}.${name}`;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      return error(
        at,
        'must be named by letters, digits and "_", not beginning with a digit',
        name,
        'use a name such as LOG_LEVEL',
      );
    if (typeof value !== 'string') return error(at, 'must be a string', value, 'put it in quotes');
    return validateNoSecret(at, name, value);
  });
}

function validateUses(field: string, uses: Readonly<Record<string, unknown>>): FieldError[] {
  return Object.entries(uses).flatMap(([prefix, endpoint]) => [
    ...(/^[A-Z][A-Z0-9_]*$/.test(prefix)
      ? []
      : [
          error(
            `${field}.${prefix}`,
            'must be named by a prefix of variables: upper-case letters, digits and "_"',
            prefix,
            'use a name such as MYSQL',
          ),
        ]),
    // For programs that run without a type check.
    ...(endpoint instanceof Object
      ? []
      : [
          error(
            `${field}.${prefix}`,
            'must be given: a store, another service, or external()',
            endpoint,
            'create it before this service and pass it',
          ),
        ]),
  ]);
}

function validateSecrets({ secrets = {} }: MicroserviceProps): FieldError[] {
  return Object.entries(secrets).flatMap(([name, { from, key }]) =>
    !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
      ? error(
          `secrets.${name}`,
          'must be named by letters, digits and "_", not beginning with a digit',
          name,
          'use a name such as PEPPER_FILE',
        )
      : from.keys.includes(key)
        ? []
        : error(
            `secrets.${name}.key`,
            `must be a key of the Secret ${from.name}, which has ${from.keys.join(', ')}`,
            key,
            'use one of those',
          ),
  );
}

function validateUser(user: number | undefined): FieldError[] {
  if (user === undefined || isInteger(user, 1)) return [];
  return [error('user', 'must be an integer of 1 or more: 0 is root', user, 'use 65532')];
}

function isInteger(value: unknown, least: number): boolean {
  return Number.isInteger(value) && Number(value) >= least;
}

function error(field: string, rule: string, received: unknown, fix: string): FieldError {
  return { field, rule, received, fix };
}
