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

interface Judged {
  /** The request that was judged: an object that has changed since is judged again. */
  readonly request: string;
  readonly identity: Identity;
  readonly kindIsKnown: boolean;
  readonly judgement: Judgement;
}

const workers = new Map<number, BlockingWorker>();

/**
 * Makes synthesis fail on what Kubernetes would refuse, and on Pods that a Namespace of the app
 * would. Loading begins at once, beside the building of constructs; every object is judged once,
 * however often cdk8s validates. Warnings go to standard error, as does the count of objects of
 * kinds that are not judged.
 */
export function judge(app: IConstruct, options: JudgeOptions = {}): void {
  const timeout = positive('timeout', options.timeout ?? DEFAULT_TIMEOUT);
  const worker = workers.get(timeout) ?? new BlockingWorker(packageSource(), timeout);
  workers.set(timeout, worker);
  const judged = new WeakMap<ApiObject, Judged>();
  const validated = new WeakSet<ApiObject>();
  const print = printOnce();

  app.node.addValidation({
    validate: () => {
      const objects = app.node.findAll().filter(isApiObject);
      judgeAll(objects, judged, worker, options.podSecurity);
      for (const object of objects) {
        if (validated.has(object)) continue;
        validated.add(object);
        // cdk8s asks the objects after the app, and puts their paths before their mistakes.
        object.node.addValidation({ validate: () => mistakesOf(object, judged) });
      }
      print(objects, judged);
      return [];
    },
  });
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

function mistakesOf(object: ApiObject, judged: WeakMap<ApiObject, Judged>): string[] {
  const known = judged.get(object);
  if (known === undefined) return [];
  const { judgement, identity } = known;
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

/** Prints each warning and the count of what is not judged, and nothing a second time. */
function printOnce(): (objects: readonly ApiObject[], judged: WeakMap<ApiObject, Judged>) => void {
  const printed = new Set<string>();
  const print = (line: string): void => {
    if (printed.has(line)) return;
    printed.add(line);
    process.stderr.write(`${line}\n`);
  };
  return (objects, judged) => {
    const kinds = new Map<string, number>();
    for (const object of objects) {
      const known = judged.get(object);
      if (known === undefined) continue;
      const { judgement, identity } = known;
      if (judgement.accepted === null) {
        const kind = `${identity.apiVersion} ${identity.kind}`;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        if (!known.kindIsKnown) continue;
      }
      for (const warning of judgement.warnings) print(`[${object.node.path}] ${warning}`);
    }
    const counts = [...kinds].map(([kind, count]) => `${count} ${kind}`);
    if (counts.length > 0) print(`not judged: ${counts.join(', ')}`);
  };
}

// By its shape: the program's cdk8s may be another copy than the one that is found from here.
function isApiObject(construct: IConstruct): construct is ApiObject {
  return 'toJson' in construct && 'apiVersion' in construct && 'apiGroup' in construct;
}
