import { type ApiObject, Duration, Size } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import {
  createdAt,
  describeFieldError as describeKubernetesError,
  describeIdentity,
  type FieldError as KubernetesError,
  type JudgedObject,
  PODS_REFUSED,
} from 'kube-verdict/cdk8s';

/** One value that a construct does not accept. */
export interface FieldError {
  /** The prop or field, as a path: `template.containers[0].ports[1]`. */
  readonly field: string;
  /** What holds for every accepted value: `must be unique in its Pod`. */
  readonly rule: string;
  /** The value that was given. */
  readonly received: unknown;
  /** What to do about it, as an imperative: `rename one of the two`. */
  readonly fix: string;
}

/** An app cannot be synthesized: all that is wrong with it, with constructs in it or with its inputs. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';

  /** @param errors a line for each: `[construct path] field: rule; received value; fix` */
  constructor(readonly errors: readonly string[]) {
    const count = `${errors.length} validation ${errors.length === 1 ? 'error' : 'errors'}`;
    super(`${count}, nothing written:\n${errors.map((line) => `  ${line}`).join('\n')}`);
  }
}

/** `replicas: must be an integer of 0 or more; received -1; set it to 0 or more`. */
export function describeFieldError({ field, rule, received, fix }: FieldError): string {
  return `${field}: ${rule}; received ${describeValue(received)}; ${fix}`;
}

const LONGEST = 200;

function describeValue(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  if (Construct.isConstruct(value)) return `the construct ${value.node.path}`;
  if (value instanceof Duration) return `${value.toMilliseconds() / 1000} seconds`;
  if (value instanceof Size) return value.asString();
  const text = asJson(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function asJson(value: unknown): string {
  try {
    const json: unknown = JSON.stringify(value);
    // It leaves out what it has no word for, such as undefined.
    return typeof json === 'string' ? json : String(value);
  } catch {
    // It refers to itself.
    return String(value);
  }
}

/**
 * Makes synthesis of the app fail while `validate` finds anything. Nothing is thrown before: all errors of an app are
 * reported together, each with the path of its construct.
 */
export function addValidation(construct: IConstruct, validate: () => readonly FieldError[]): void {
  construct.node.addValidation({ validate: () => validate().map(describeFieldError) });
}

const props = new WeakMap<IConstruct, (field: string) => string>();

/** Says which prop of a construct each field of its manifest was made from: Kubernetes' messages then name it too. */
export function nameProps(construct: ApiObject, propOf: (field: string) => string): void {
  props.set(construct, propOf);
}

/**
 * All that is wrong with an app, a line for each mistake: what its constructs found, and what Kubernetes refuses. A
 * value that is refused for one reason in several places, as a label of a Pod template and of the selector beside it,
 * is one mistake.
 *
 * @param others what was found by looking at more than one construct
 */
export function describeErrors(
  root: IConstruct,
  judged: readonly JudgedObject[],
  others: readonly { readonly construct: IConstruct; readonly message: string }[],
): string[] {
  const own = [
    ...root.node
      .findAll()
      .flatMap((construct) => construct.node.validate().map((message) => ({ construct, message }))),
    ...others,
  ].map((error): Occurrence => ({ ...error, subject: '', field: '', key: error.message }));
  // What a construct says of a prop itself, with a fix, Kubernetes need not say again.
  const isSaid = ({ construct, prop = '' }: Occurrence) =>
    own.some((error) => error.construct === construct && error.message.startsWith(`${prop}: `));

  const mistakes = new Map<string, Occurrence[]>();
  for (const occurrence of [...own, ...judged.flatMap(judgedErrorsOf).filter((o) => !isSaid(o))]) {
    const known = mistakes.get(occurrence.key);
    if (known === undefined) mistakes.set(occurrence.key, [occurrence]);
    else known.push(occurrence);
  }
  return [...mistakes.values()].map(describeMistake);
}

/** A mistake in one of the places where it shows. */
interface Occurrence {
  readonly construct: IConstruct;
  /** The object, with a colon after it: `Deployment default/web: `. Empty for what a construct says of itself. */
  readonly subject: string;
  /** The field, with its prop where that is another. Empty where the message names it. */
  readonly field: string;
  readonly prop?: string;
  readonly message: string;
  /** Alike for all occurrences of one mistake. */
  readonly key: string;
}

function judgedErrorsOf({ object, identity, judgement }: JudgedObject): Occurrence[] {
  const name = describeIdentity(identity);
  const { errors, podErrors } = judgement;
  return [
    ...errors
      .filter((error) => !isEcho(error, errors))
      .map((error) => occurrence(object, `${name}: `, error)),
    ...podErrors.map((error) => occurrence(object, `${name}: ${PODS_REFUSED}`, error)),
  ];
}

function occurrence(construct: ApiObject, subject: string, error: KubernetesError): Occurrence {
  const { field, message } = error;
  const prop = props.get(construct)?.(field);
  // `spec.replicas` names the prop `replicas` well enough.
  const isNamed = prop === undefined || [prop, `spec.${prop}`, `metadata.${prop}`].includes(field);
  const isInMessage = describeKubernetesError(error) === message;
  return {
    construct,
    subject,
    field: isInMessage ? '' : isNamed ? field : `${field} (prop ${prop})`,
    ...(prop !== undefined && { prop }),
    message,
    key: `${placeInPod(field)}: ${withoutKind(message)}`,
  };
}

/** One label of a Pod template is in up to three fields; all else of a Pod is where it is in a template. */
function placeInPod(field: string): string {
  return field
    .replace(/^spec\.selector(\.matchLabels)?$/, 'labels')
    .replace(/^(spec\.template\.)?((spec|metadata)\.)?/, '');
}

/** Errors of decoding name the kind and its Go type: `Pod in version "v1" …: json: … Go struct field EnvVar.spec… of type`. */
function withoutKind(message: string): string {
  return message.replace(/^.*: json: /, '').replace(/Go struct field \S+/, '');
}

/** Whether an error only says that there is one further below. */
function isEcho({ field, message }: KubernetesError, errors: readonly KubernetesError[]): boolean {
  return (
    message.endsWith(': invalid label selector') &&
    errors.some((error) => error.field.startsWith(`${field}.`))
  );
}

/** `[path] subject: field: message (created at place); also [path] subject: field, field (created at place)` */
function describeMistake(occurrences: readonly Occurrence[]): string {
  const constructs = [...new Set(occurrences.map(({ construct }) => construct))];
  return constructs
    .map((construct, index) => {
      const here = occurrences.filter((occurrence) => occurrence.construct === construct);
      const place = createdAt(construct);
      const fields = here.map(({ field }) => field).filter(Boolean);
      const told = index === 0 ? [fields.shift(), here[0]?.message] : [fields.splice(0).join(', ')];
      return [
        `[${construct.node.path}]`,
        ` ${here[0]?.subject ?? ''}${told.filter(Boolean).join(': ')}`.trimEnd(),
        place === undefined ? '' : ` (created at ${place})`,
        fields.length === 0 ? '' : `; also ${fields.join(', ')}`,
      ].join('');
    })
    .join('; also ');
}
