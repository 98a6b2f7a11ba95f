import type { ApiObject } from 'cdk8s';
import type { FieldError } from '../app/validation';
import { validateNoSecret } from './literal';

interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly unknown[];
  readonly args?: readonly unknown[];
  readonly env?: readonly { readonly name?: unknown; readonly value?: unknown }[];
}

const WITH_PODS: ReadonlySet<string> = new Set([
  ...['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'],
  ...['Job', 'CronJob'],
]);

/**
 * Secrets that are written out in a ConfigMap or in the containers of a workload, and Secrets with values, whoever made
 * the object.
 */
export function validateRendered(object: ApiObject): FieldError[] {
  const { kind, name } = object;
  const subject = `${kind} ${name}: `;
  if (kind === 'Secret')
    return [
      {
        field: `${subject}kind`,
        rule: 'must not be written: manifests are in Git',
        received: kind,
        fix: 'refer to one by SecretReference; npm run secrets makes it',
      },
    ];
  if (kind === 'ConfigMap') {
    const { data = {} } = object.toJson() as { data?: Readonly<Record<string, unknown>> };
    return Object.entries(data).flatMap(([key, value]) =>
      typeof value === 'string' ? validateNoSecret(`${subject}data.${key}`, key, value) : [],
    );
  }
  if (!WITH_PODS.has(kind)) return [];
  return containersIn(object.toJson()).flatMap((container) =>
    validateContainer(`${subject}${container.name ?? ''} `, container),
  );
}

function validateContainer(at: string, container: Container): FieldError[] {
  const { image, command = [], args = [], env = [] } = container;
  return [
    ...(image === undefined ? [] : validateNoSecret(`${at}image`, '', image)),
    ...validateArguments(`${at}command`, command),
    ...validateArguments(`${at}args`, args),
    ...env.flatMap(({ name, value }) =>
      typeof name === 'string' && typeof value === 'string'
        ? validateNoSecret(`${at}env.${name}`, name, value)
        : [],
    ),
  ];
}

function validateArguments(field: string, args: readonly unknown[]): FieldError[] {
  return args.flatMap((argument, index) =>
    typeof argument === 'string' ? validateArgument(`${field}[${index}]`, argument) : [],
  );
}

/** A secret in an argument of a program: `--api-token=…` has one whatever it looks like. */
export function validateArgument(field: string, argument: string): FieldError[] {
  const [, flag = '', value = argument] = /^--?([\w-]+)=(.*)$/s.exec(argument) ?? [];
  return validateNoSecret(field, flag.replaceAll('-', '_'), value);
}

/** The containers of the Pod template, wherever the kind has it. */
function containersIn(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) =>
    (field === 'containers' || field === 'initContainers') && Array.isArray(inner)
      ? (inner as Container[])
      : containersIn(inner),
  );
}
