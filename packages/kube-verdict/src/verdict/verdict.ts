import { type ReadDocument, Reader } from '../reading/reader';
import { checkArgument, checkOptions, TEXT } from '../rule';
import type { Answer } from '../workers/give-up';
import { notJudged } from './judgement';
import type {
  About,
  ApplyJudgement,
  ApplyOptions,
  CreateOptions,
  Judgement,
  Kind,
  Manifest,
  Moved,
} from './judgement';
import { judgementOf } from './judgement-of';
import { APPLY_RULES, CREATE_RULES } from './option-rules';
import { applyRequest, createRequest, type Prepared } from './request';
import { parseJson, toJson } from './to-json';

/** What answers requests: worker threads, or an instance in this thread. */
export interface Judge {
  ask(request: string): Promise<Answer>;
  close(): void;
}

/** Kubernetes' own answer to a create or an apply. */
export class Verdict implements AsyncDisposable {
  /** The Kubernetes version whose code judges, such as `1.34.10`. */
  readonly kubernetes: string;
  /** The kinds that are judged. */
  readonly kinds: readonly Kind[];
  /** What else Kubernetes serves, or once served in another version. */
  readonly otherKinds: readonly Kind[];
  /** Groups whose kinds have moved to others. */
  readonly moved: readonly Moved[];
  private readonly judge: Judge;

  /** @internal */
  constructor(about: About, judge: Judge) {
    this.kubernetes = about.kubernetes;
    this.kinds = about.kinds;
    this.otherKinds = about.otherKinds;
    this.moved = about.moved;
    this.judge = judge;
  }

  /**
   * What the API server says when the manifest is created, under strict field validation.
   * A namespaced object without a namespace is judged in the default one.
   * @throws TypeError when the manifest is not an object, or refers to itself
   * @throws RangeError when an option has a value that it does not take
   */
  async create(manifest: Manifest, options: CreateOptions = {}): Promise<Judgement> {
    checkOptions(options, CREATE_RULES);
    return this.answer(createRequest(manifest, options));
  }

  /**
   * What `kubectl apply` of `next` does to the object that `kubectl apply` of `previous` made, or
   * where there is none yet, if `previous` is undefined.
   * @throws TypeError when a manifest is not an object, or refers to itself
   * @throws RangeError when an option has a value that it does not take
   */
  async apply(
    previous: Manifest | undefined,
    next: Manifest,
    options: ApplyOptions = {},
  ): Promise<ApplyJudgement> {
    checkOptions(options, APPLY_RULES);
    return this.answer(applyRequest(previous, next, options));
  }

  /**
   * What the module answers to a request that is neither a create nor an apply alone; `go/judge` names
   * them all.
   * @internal
   */
  async ask(request: object): Promise<unknown> {
    const answer = await this.judge.ask(toJson(request));
    if ('json' in answer) return parseJson(answer.json);
    return notJudged(answer.gaveUp);
  }

  /**
   * What kubectl reads from a text of YAML or JSON, document by document.
   * @throws TypeError when it is not text
   */
  async read(text: string): Promise<ReadDocument[]> {
    checkArgument('text', TEXT, text);
    const reader = new Reader((request) => this.judge.ask(request));
    const parts = await reader.split(text);
    return Promise.all(
      parts.map(async ({ start, end, json, mistake, mistakeLine, line }) =>
        mistake === undefined
          ? reader.read(text.slice(start, end), json)
          : { objects: [], mistake: { line: (mistakeLine ?? line) - line + 1, message: mistake } },
      ),
    );
  }

  /** Ends the workers. What is still being judged is rejected. */
  close(): Promise<void> {
    this.judge.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async answer(prepared: Prepared): Promise<ApplyJudgement> {
    return 'answer' in prepared
      ? prepared.answer
      : judgementOf(await this.judge.ask(prepared.request));
  }
}
