/**
 * Judges what a cdk8s program synthesizes, before it is written:
 *
 *     const app = new App();
 *     judge(app);
 */
import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { BlockingWorker } from '../workers/blocking-worker';
import { createdAt } from './created-at';
import { describeIdentity, type Identity, identityOf } from '../verdict/identity';
import type { Judgement, Manifest, PodSecurityLevel } from '../verdict/judgement';
import { positive } from '../positive';
import { DEFAULT_TIMEOUT } from '../workers/give-up';
import { EnforcedLevels } from '../verdict/pod-security';
import { judgementOf } from '../verdict/judgement-of';
import { createRequest } from '../verdict/request';
import { sentence } from '../verdict/describe-field-error';
import { packageSource } from '../module/package-module';

// What an app says of its objects beside, in the same words.
export { createdAt, describeIdentity, sentence as describeFieldError };
export type * from '../verdict/judgement';

export interface JudgeOptions {
  /**
   * Judge Pods by this level even where no Namespace of the app enforces it.
   * @default - what the Namespaces of the app enforce
   */
  readonly podSecurity?: PodSecurityLevel | undefined;
  /**
   * Milliseconds that one object may take; then it is reported as not judged.
   * @default 5000
   */
  readonly timeout?: number | undefined;
}

/** An object of an app, and Kubernetes' verdict on it. */
export interface JudgedObject {
  readonly object: ApiObject;
  readonly identity: Identity;
  /** Whether objects of its kind are judged. */
  readonly kindIsKnown: boolean;
  readonly judgement: Judgement;
}

/** An object that was judged, and the request: one that has changed since is judged again. */
type Judged = Omit<JudgedObject, 'object'> & { readonly request: string };

const workers = new Map<number, BlockingWorker>();

/**
 * Makes synthesis fail on what Kubernetes would refuse, and on Pods that a Namespace of the app
 * would. Loading begins at once, beside the building of constructs; every object is judged once,
 * however often cdk8s validates. Warnings go to standard error, as does the count of objects of
 * kinds that are not judged.
 */
export function judge(app: IConstruct, options: JudgeOptions = {}): void {
  const judging = new ObjectJudge(options);
  const validated = new WeakSet<ApiObject>();
  const printed = new Set<string>();
  app.node.addValidation({
    validate: () => {
      const judged = judging.judge(app);
      for (const { object } of judged) {
        if (validated.has(object)) continue;
        validated.add(object);
        // cdk8s asks the objects after the app, and puts their paths before their mistakes.
        object.node.addValidation({ validate: () => mistakesOf(judging.judged(object)) });
      }
      for (const warning of warningsOf(judged)) {
        if (!printed.has(warning)) process.stderr.write(`${warning}\n`);
        printed.add(warning);
      }
      return [];
    },
  });
}

/** What {@link judge} does, for an app that tells by itself what is refused. */
export class ObjectJudge {
  private readonly worker: BlockingWorker;
  private readonly podSecurity: PodSecurityLevel | undefined;
  private readonly known = new WeakMap<ApiObject, Judged>();

  /** Loading begins here. */
  constructor({ timeout: given = DEFAULT_TIMEOUT, podSecurity }: JudgeOptions = {}) {
    const timeout = positive('timeout', given);
    this.worker = workers.get(timeout) ?? new BlockingWorker(packageSource(), timeout);
    workers.set(timeout, this.worker);
    this.podSecurity = podSecurity;
  }

  /** The Kubernetes version whose code judges, such as `1.34.10`. */
  get kubernetes(): string {
    return this.worker.about().kubernetes;
  }

  /** Judges every object below `root`, again only if it has changed. */
  judge(root: IConstruct): JudgedObject[] {
    const objects = root.node.findAll().filter(isApiObject);
    judgeAll(objects, this.known, this.worker, this.podSecurity);
    return objects.flatMap((object) => this.judged(object) ?? []);
  }

  /** The last verdict on an object. */
  judged(object: ApiObject): JudgedObject | undefined {
    const known = this.known.get(object);
    return known && { ...known, object };
  }
}

function judgeAll(
  objects: readonly ApiObject[],
  judged: WeakMap<ApiObject, Judged>,
  worker: BlockingWorker,
  podSecurity: PodSecurityLevel | undefined,
): void {
  const { kinds } = worker.about();
  const levels = new EnforcedLevels();
  const manifests = objects.map((object) => object.toJson() as Manifest);
  for (const manifest of manifests) levels.note(manifest);

  const asked: (Omit<Judged, 'judgement'> & { object: ApiObject })[] = [];
  objects.forEach((object, i) => {
    const manifest = manifests[i] ?? {};
    const identity = identityOf(manifest, kinds);
    const kindIsKnown = kinds.some(
      ({ apiVersion, kind }) => apiVersion === identity.apiVersion && kind === identity.kind,
    );
    const level = levels.of(identity.namespace, podSecurity);
    const prepared = createRequest(manifest, { podSecurity: level });
    if ('answer' in prepared) {
      judged.set(object, { request: '', identity, kindIsKnown, judgement: prepared.answer });
    } else if (judged.get(object)?.request !== prepared.request) {
      asked.push({ object, identity, kindIsKnown, request: prepared.request });
    }
  });
  const answers = worker.ask(asked.map(({ request }) => request));
  answers.forEach((answer, i) => {
    const question = asked[i];
    if (question !== undefined) {
      judged.set(question.object, { ...question, judgement: judgementOf(answer) });
    }
  });
}

function mistakesOf(judged: JudgedObject | undefined): string[] {
  if (judged === undefined) return [];
  const { object, identity, judgement } = judged;
  const place = createdAt(object);
  const created = place === undefined ? '' : ` (created at ${place})`;
  const name = describeIdentity(identity);
  return [
    ...judgement.errors.map((error) => `${name}: ${sentence(error)}${created}`),
    ...judgement.podErrors.map(
      (error) => `${name}: its Pods are refused: ${sentence(error)}${created}`,
    ),
  ];
}

/** What there is to say of objects that are accepted, each line once, and of those that are not judged. */
export function warningsOf(judged: readonly JudgedObject[]): string[] {
  const kinds = new Map<string, number>();
  const warnings = judged.flatMap(({ object, identity, kindIsKnown, judgement }) => {
    if (judgement.accepted === null) {
      const kind = `${identity.apiVersion} ${identity.kind}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (!kindIsKnown) return [];
    }
    return judgement.warnings.map((warning) => `[${object.node.path}] ${warning}`);
  });
  const counts = [...kinds].map(([kind, count]) => `${count} ${kind}`);
  return [...new Set(warnings), ...(counts.length > 0 ? [`not judged: ${counts.join(', ')}`] : [])];
}

// By its shape: the program's cdk8s may be another copy than the one that is found from here.
function isApiObject(construct: IConstruct): construct is ApiObject {
  return 'toJson' in construct && 'apiVersion' in construct && 'apiGroup' in construct;
}
