/**
 * Judges what a cdk8s program synthesizes, before it is written:
 *
 *     const app = new App();
 *     judge(app);
 */
import { isDeepStrictEqual } from 'node:util';
import { type ApiObject, Yaml } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { packageSource } from '../module/package-module';
import { identityKey } from '../pairing/pair';
import { readDocumentOf, type ReadDocument } from '../reading/reader';
import {
  checkArgument,
  checkOptions,
  FOLDER,
  FUNCTION,
  isObject,
  MILLISECONDS,
  mistakeText,
  rule,
  type Rules,
} from '../rule';
import { type Identity, identityOf, kindOf, namesOf } from '../verdict/identity';
import type {
  About,
  ClusterOptions,
  Judgement,
  Manifest,
  PodSecurityLevel,
} from '../verdict/judgement';
import { ENFORCE_LABEL, EnforcedLevels } from '../verdict/pod-security';
import { CREATE_RULES } from '../verdict/option-rules';
import { createTextRequest } from '../verdict/request';
import { PODS_REFUSED } from '../words/describe-field-error';
import { plain } from '../words/printable';
import { AnswerCache } from '../workers/answer-cache';
import { BlockingWorker } from '../workers/blocking-worker';
import { type Answer, DEFAULT_TIMEOUT } from '../workers/give-up';
import { CONSTRUCT, createdAt } from './created-at';
import { describeFieldError, describeIdentity } from './plain-words';

// What an app says of its objects beside, in the same words.
export { createdAt, describeFieldError, describeIdentity, PODS_REFUSED };
export type * from '../verdict/judgement';

export interface JudgeOptions extends ClusterOptions {
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
  /**
   * The YAML of a manifest, as the app writes it: that text is judged.
   * @default - `Yaml.stringify` of cdk8s
   */
  readonly stringify?: ((manifest: unknown) => string) | undefined;
  /**
   * A folder in which judgements are kept: what has not changed since is not judged again.
   * @default - nothing is kept
   */
  readonly cache?: string | undefined;
}

/** An object of an app, and Kubernetes' verdict on it. */
export interface JudgedObject {
  readonly object: ApiObject;
  readonly identity: Identity;
  /** Whether objects of its kind are judged. */
  readonly kindIsKnown: boolean;
  /** Its YAML: what was judged, and nothing else, is to be written. */
  readonly text: string;
  readonly judgement: Judgement;
}

/** An object that was judged, and the request: one that has changed since is judged again. */
type Judged = Omit<JudgedObject, 'object'> & { readonly request: string };

/** An object that is to be judged. */
type Question = Omit<Judged, 'judgement'> & { readonly object: ApiObject };

const workers = new Map<number, BlockingWorker>();

const JUDGE_RULES: Rules<JudgeOptions> = {
  ...CREATE_RULES,
  timeout: MILLISECONDS,
  stringify: FUNCTION,
  cache: FOLDER,
};

/** The options by which a construct was judged. */
const calls = new WeakMap<IConstruct, JudgeOptions[]>();
/** What judges an object: cdk8s asks it once, and is told of each mistake once. */
const judges = new WeakMap<ApiObject, Set<ObjectJudge>>();
/** What was printed of an object. */
const printed = new WeakMap<ApiObject, Set<string>>();

/**
 * Makes synthesis fail on what Kubernetes would refuse, and on Pods that a Namespace of the app
 * would. The text is judged that is written. Loading begins at once, beside the building of
 * constructs; every object is judged once, however often cdk8s validates. Warnings go to standard
 * error, as does the count of objects of kinds that are not judged. Called again, with other
 * options, what either refuses is a mistake.
 * @throws TypeError when it is no construct
 * @throws RangeError when an option has a value that it does not take
 */
export function judge(app: IConstruct, options: JudgeOptions = {}): void {
  checkArgument('app', CONSTRUCT, app);
  checkOptions(options, JUDGE_RULES);
  const earlier = calls.get(app) ?? [];
  if (earlier.some((one) => isDeepStrictEqual(one, options))) return;
  calls.set(app, [...earlier, options]);
  const judging = new ObjectJudge(options);
  app.node.addValidation({
    validate: () => {
      const judged = judging.judge(app);
      for (const { object } of judged) validateBy(judging, object);
      for (const warning of warningsOf(judged.filter(isNews))) process.stderr.write(`${warning}\n`);
      return [];
    },
  });
}

/** Whether its warnings were not printed yet. */
function isNews({ object, judgement: { accepted, warnings } }: JudgedObject): boolean {
  const known = printed.get(object) ?? new Set();
  printed.set(object, known);
  const told = JSON.stringify([accepted === null, warnings]);
  return known.size < known.add(told).size;
}

/** cdk8s asks the objects after the app, and puts their paths before their mistakes. */
function validateBy(judging: ObjectJudge, object: ApiObject): void {
  const known = judges.get(object);
  if (known !== undefined) {
    known.add(judging);
    return;
  }
  const all = new Set([judging]);
  judges.set(object, all);
  object.node.addValidation({
    validate: () => [...new Set([...all].flatMap((one) => one.mistakesOf(object)))],
  });
}

/** What {@link judge} does, for an app that tells by itself what is refused. */
export class ObjectJudge {
  private readonly timeout: number;
  private readonly cache: AnswerCache | undefined;
  private readonly known = new WeakMap<ApiObject, Judged>();
  private twice: ReadonlyMap<ApiObject, string> = new Map();

  /** Loading begins here, unless it may be that all is known. */
  constructor(private readonly options: JudgeOptions = {}) {
    checkOptions(options, JUDGE_RULES);
    this.timeout = options.timeout ?? DEFAULT_TIMEOUT;
    this.cache = options.cache === undefined ? undefined : new AnswerCache(options.cache);
    if (this.cache?.about() === undefined) this.worker();
  }

  /** The Kubernetes version whose code judges, such as `1.34.10`. */
  get kubernetes(): string {
    return this.about.kubernetes;
  }

  /** Judges every object below `root`, again only if it has changed. */
  judge(root: IConstruct): JudgedObject[] {
    checkArgument('root', CONSTRUCT, root);
    const objects = root.node.findAll().filter(isApiObject);
    this.judgeAll(objects);
    const judged = objects.flatMap((object) => this.judged(object) ?? []);
    this.twice = this.oneObjectTwice(judged);
    return judged;
  }

  /** The last verdict on an object. */
  judged(object: ApiObject): JudgedObject | undefined {
    checkArgument('object', CONSTRUCT, object);
    const known = this.known.get(object);
    return known && { ...known, object };
  }

  /** @internal */
  mistakesOf(object: ApiObject): string[] {
    const twice = this.twice.get(object);
    return [...mistakesOf(this.judged(object)), ...(twice === undefined ? [] : [twice])];
  }

  /**
   * Objects of no namespace are one where they have one name, whatever namespace their charts have:
   * two that differ would overwrite each other.
   */
  private oneObjectTwice(judged: readonly JudgedObject[]): Map<ApiObject, string> {
    const { about } = this;
    const firsts = new Map<string, { object: ApiObject; namespace: unknown; text: string }>();
    const twice = new Map<ApiObject, string>();
    for (const { object, identity } of judged) {
      if (kindOf(identity, about.kinds)?.namespaced !== false) continue;
      const { metadata, ...content } = object.toJson() as { metadata: Record<string, unknown> };
      const { namespace, ...rest } = metadata;
      const text = JSON.stringify({ ...content, metadata: rest });
      const first = firsts.get(identityKey(identity, about));
      firsts.set(identityKey(identity, about), { object, namespace, text });
      if (first === undefined || first.text === text || first.namespace === namespace) continue;
      twice.set(
        object,
        `${describeIdentity(identity)}: ${first.object.node.path} is the same object, for its kind has no namespace, and differs: give one of them another name`,
      );
    }
    return twice;
  }

  private worker(): BlockingWorker {
    const worker = workers.get(this.timeout) ?? new BlockingWorker(packageSource(), this.timeout);
    workers.set(this.timeout, worker);
    return worker;
  }

  private get about(): About {
    return this.cache?.about() ?? this.worker().about();
  }

  private judgeAll(objects: readonly ApiObject[]): void {
    const { about } = this;
    const { kinds } = about;
    const { podSecurity, namespace, ipFamilies, serviceCidr } = this.options;
    const levels = new EnforcedLevels();
    const manifests = objects.map((object) => object.toJson() as Manifest);
    for (const manifest of manifests) noteLevel(manifest, levels);

    const asked: Question[] = [];
    const { options, known } = this;
    // The module judges what comes first while the text of the next is made.
    const questions = function* (): Generator<Question> {
      for (const [i, object] of objects.entries()) {
        const manifest = manifests[i] ?? {};
        const identity = identityOf(namesOf(manifest), about, namespace);
        const level = levels.of(identity.namespace, podSecurity);
        const text = textOf(manifest, options);
        const request = createTextRequest(text, false, {
          namespace,
          ipFamilies,
          serviceCidr,
          podSecurity: level,
        });
        if (known.get(object)?.request === request) continue;
        const kindIsKnown = kindOf(identity, kinds) !== undefined;
        const question = { object, identity, kindIsKnown, text, request };
        asked.push(question);
        yield question;
      }
    };
    const answers = this.ask(questions());
    asked.forEach(({ object, ...question }, i) => {
      const read = readDocumentOf(answers[i] ?? { gaveUp: 'there is no answer' }) as JudgedText;
      known.set(object, { ...question, judgement: judgementIn(read) });
    });
  }

  /** An answer to each question. */
  private ask(questions: Iterable<Question>): Answer[] {
    const { cache } = this;
    const answers: (Answer | undefined)[] = [];
    const unknown: string[] = [];
    const requests = function* (): Generator<string> {
      for (const { request } of questions) {
        const answer = cache?.get(request);
        answers.push(answer);
        if (answer !== undefined) continue;
        unknown.push(request);
        yield request;
      }
    };
    const fresh = this.answersTo(requests());
    if (cache !== undefined && fresh.length > 0) this.keep(cache, unknown, fresh);
    let next = 0;
    return answers.map((answer) => answer ?? fresh[next++] ?? { gaveUp: 'there is no answer' });
  }

  /** Asks the module, which is loaded only if there is anything to ask. */
  private answersTo(requests: Generator<string>): Answer[] {
    const first = requests.next();
    if (first.done === true) return [];
    return this.worker().ask(
      (function* () {
        yield first.value;
        yield* requests;
      })(),
    );
  }

  private keep(cache: AnswerCache, requests: readonly string[], answers: readonly Answer[]): void {
    cache.keepAbout(this.worker().about());
    answers.forEach((answer, i) => {
      cache.set(requests[i] ?? '', answer);
    });
    try {
      cache.save();
    } catch {
      // A cache that cannot be written costs time alone.
    }
  }
}

/** @throws RangeError when `stringify` does not return text */
function textOf(manifest: unknown, { stringify }: JudgeOptions): string {
  if (stringify === undefined) return Yaml.stringify(manifest);
  const text: unknown = stringify(manifest);
  if (typeof text === 'string') return text;
  throw new RangeError(`${mistakeText('stringify', 'a function that returns text', text)} from it`);
}

function mistakesOf(judged: JudgedObject | undefined): string[] {
  if (judged === undefined) return [];
  const { object, identity, judgement } = judged;
  const place = createdAt(object);
  const created = place === undefined ? '' : ` (created at ${place})`;
  const name = describeIdentity(identity);
  return [
    ...judgement.errors.map((error) => `${name}: ${describeFieldError(error)}${created}`),
    ...judgement.podErrors.map(
      (error) => `${name}: ${PODS_REFUSED}${describeFieldError(error)}${created}`,
    ),
  ];
}

/** What there is to say of objects that are accepted, each line once, and of those that are not judged. */
export function warningsOf(judged: readonly JudgedObject[]): string[] {
  checkArgument('judged', JUDGED, judged);
  const kinds = new Map<string, number>();
  const warnings = judged.flatMap(({ object, identity, kindIsKnown, judgement }) => {
    if (judgement.accepted === null) {
      const kind = `${identity.apiVersion} ${identity.kind}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (!kindIsKnown) return [];
    }
    return judgement.warnings.map((warning) => `[${object.node.path}] ${plain(warning)}`);
  });
  const counts = [...kinds].map(([kind, count]) => `${count} ${plain(kind)}`);
  return [...new Set(warnings), ...(counts.length > 0 ? [`not judged: ${counts.join(', ')}`] : [])];
}

type JudgedText = ReadDocument & { readonly objects: readonly { readonly judgement: Judgement }[] };

/** The judgement of the one object in a text; of a text that cannot be read, why not. */
function judgementIn({ objects, mistake, warnings = [] }: JudgedText): Judgement {
  const [object] = objects;
  if (object !== undefined) return object.judgement;
  const message = mistake?.message ?? warnings[0]?.message ?? 'there is no object in its YAML';
  return {
    accepted: false,
    errors: [{ field: '', type: 'Unreadable', message: `its YAML cannot be read: ${message}` }],
    warnings: [],
    podErrors: [],
  };
}

function noteLevel(manifest: Manifest, levels: EnforcedLevels): void {
  const { apiVersion, kind, name = '' } = namesOf(manifest);
  if (apiVersion !== 'v1' || kind !== 'Namespace') return;
  const { metadata } = manifest as { metadata?: { labels?: Record<string, unknown> } | null };
  levels.note(name, metadata?.labels?.[ENFORCE_LABEL]);
}

const JUDGED = rule('objects that were judged, as an array', (value) => {
  return Array.isArray(value) && value.every((one: unknown) => isObject(one) && 'judgement' in one);
});

// By its shape: the program's cdk8s may be another copy than the one that is found from here.
function isApiObject(construct: IConstruct): construct is ApiObject {
  return 'toJson' in construct && 'apiVersion' in construct && 'apiGroup' in construct;
}
