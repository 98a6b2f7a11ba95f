import { identityKey } from '../pairing/pair';
import { type FoundObject, foundIn, type Remark, type UnreadDocument } from '../reading/documents';
import { InputError } from '../reading/input-error';
import type { ReadDocument, ReadObject } from '../reading/reader';
import { describeIdentity, type Identity, identityOf, kindOf } from '../verdict/identity';
import type { About, ApplyJudgement, PodSecurityLevel } from '../verdict/judgement';
import { EnforcedLevels } from '../verdict/pod-security';
import type { CheckCommand } from './arguments';
import { InOrder } from '../reading/in-order';
import type { Report } from './report';

/** An object that was judged as it was read. */
export interface JudgedObject extends ReadObject {
  readonly judgement: ApplyJudgement;
  /** Whether a Pod Security Standard may have something against it. */
  readonly makesPods?: boolean;
}

export interface JudgedDocument extends ReadDocument {
  readonly objects: readonly JudgedObject[];
}

/** Judges a document, its Pods by a Pod Security Standard. */
type Judge = (source: UnreadDocument, level?: PodSecurityLevel) => Promise<JudgedDocument>;

interface DocumentAgain {
  readonly mistake: JudgedDocument['mistake'];
  /** By their paths in it; undefined is the path of one that is all of it. */
  readonly objects: ReadonlyMap<string | undefined, JudgedObject>;
}

/** Hands what was judged to the report, in its order. */
export class CheckedObjects {
  /** Objects so far, and what could not be read. */
  count = 0;
  private readonly levels = new EnforcedLevels();
  private readonly firsts = new Map<string, { digest: string; place: string }>();
  /** What waits for Namespaces that are still to come, and all that comes after it. */
  private readonly held: (() => Promise<() => void>)[] = [];
  /** What was judged again last: a List may have very many objects in one document. */
  private again:
    | {
        readonly source: UnreadDocument;
        readonly byLevel: Map<PodSecurityLevel | undefined, Promise<DocumentAgain>>;
      }
    | undefined;
  private file = '';
  private index = 0;

  constructor(
    private readonly command: CheckCommand,
    private readonly about: About,
    private readonly judge: Judge,
    private readonly report: Report,
  ) {}

  remark(remark: Remark): void {
    if (remark.kind === 'unreadable') this.count++;
    this.inTurn(() => {
      this.report.remark(remark);
    });
  }

  document(source: UnreadDocument, read: JudgedDocument): void {
    const { file } = source.input;
    if (file !== this.file) this.index = 0;
    this.file = file;
    for (const found of foundIn(source, read, this.index)) {
      if (found.kind === 'object') this.object(found, source);
      else this.remark(found);
    }
    this.index += read.objects.length;
    source.document.release();
  }

  /** All is read: which levels are enforced is known. */
  async done(): Promise<void> {
    const output = new InOrder();
    for (const settle of this.held.splice(0)) {
      await output.add(settle(), (print) => {
        print();
      });
    }
    await output.done();
  }

  private object(found: FoundObject<JudgedObject>, source: UnreadDocument): void {
    this.count++;
    const { object, file, index, ofKustomization } = found;
    const { podSecurity: asked, cluster } = this.command;
    const { namespace } = cluster;
    const identity = identityOf(object, this.about, namespace);
    this.levels.note(identity.name, object.enforces);
    this.warnOfRepeated(found, identity);
    const { judgement, makesPods = false } = object;
    const isKnown = kindOf(identity, this.about.kinds) !== undefined;
    const finding = {
      file,
      index,
      identity,
      ofKustomization,
      isKnown,
      remarks: [],
      placeOf: (field: string, message?: string) => found.placeOf(field, message),
    };
    const print = (judged: ApplyJudgement) => (): void => {
      this.report.finding({ ...finding, judgement: judged });
    };
    if (makesPods && judgement.accepted === true && asked !== 'restricted') {
      this.held.push(async () => {
        const level = this.levels.of(identity.namespace, asked);
        return level === asked
          ? print(judgement)
          : this.judgedAgain(source, object, level).then(print, (error: unknown) => {
              if (!(error instanceof InputError)) throw error;
              return () => {
                this.report.remark({ kind: 'unreadable', error });
              };
            });
      });
      return;
    }
    // What prints nothing need not wait for its turn: there may be very many.
    if (this.report.onlyCounts({ ...finding, judgement })) print(judgement)();
    else this.inTurn(print(judgement));
  }

  /** @throws InputError where the document is another one now */
  private async judgedAgain(
    source: UnreadDocument,
    { path, digest }: JudgedObject,
    level: PodSecurityLevel | undefined,
  ): Promise<ApplyJudgement> {
    if (this.again?.source !== source) this.again = { source, byLevel: new Map() };
    const { byLevel } = this.again;
    const known = byLevel.get(level) ?? this.documentAgain(source, level);
    byLevel.set(level, known);
    const { objects, mistake } = await known;
    const again = objects.get(path);
    if (again?.digest === digest) return again.judgement;
    throw new InputError(source.input.file, mistake?.message ?? 'changed while it was checked');
  }

  private async documentAgain(
    source: UnreadDocument,
    level: PodSecurityLevel | undefined,
  ): Promise<DocumentAgain> {
    const { objects, mistake } = await this.judge(source, level);
    source.document.release();
    return { objects: new Map(objects.map((object) => [object.path, object])), mistake };
  }

  private inTurn(print: () => void): void {
    if (this.held.length === 0) print();
    else this.held.push(() => Promise.resolve(print));
  }

  private warnOfRepeated(found: FoundObject, identity: Identity): void {
    if (identity.name === '' || found.object.name === undefined) return;
    const key = identityKey(identity, this.about);
    const { digest } = found.object;
    const first = this.firsts.get(key);
    this.firsts.set(key, { digest, place: found.file });
    if (first === undefined || first.digest === digest) return;
    this.remark({
      kind: 'warning',
      repeated: true,
      file: found.file,
      position: found.placeOf(''),
      message: `${describeIdentity(identity)} is given again, and differs from that in ${first.place}: applied together, the last one counts`,
    });
  }
}
