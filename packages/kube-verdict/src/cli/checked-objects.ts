import { identityKey } from '../pairing/pair';
import { type FoundObject, foundIn, type Remark, type UnreadDocument } from '../reading/documents';
import { InOrder } from '../reading/in-order';
import { InputError } from '../reading/input-error';
import type { ReadDocument, ReadObject } from '../reading/reader';
import { describeIdentity, type Identity, identityOf, kindOf } from '../verdict/identity';
import type { About, ApplyJudgement, PodSecurityLevel } from '../verdict/judgement';
import { EnforcedLevels } from '../verdict/pod-security';
import type { CheckCommand } from './arguments';
import type { Finding } from './finding';
import type { Report } from './report';

export interface Judged {
  readonly judgement: ApplyJudgement;
  /** Whether a Pod Security Standard may have something against it. */
  readonly makesPods?: boolean;
}

/** An object that was judged as it was read. */
export type JudgedObject = ReadObject & Judged;

export interface JudgedDocument<J = Judged> extends ReadDocument {
  readonly objects: readonly (ReadObject & J)[];
}

/** Judges a document, its Pods by a Pod Security Standard. */
type Judge = (source: UnreadDocument, level?: PodSecurityLevel) => Promise<JudgedDocument>;

interface DocumentAgain {
  readonly mistake: JudgedDocument['mistake'];
  /** By their paths in it; undefined is the path of one that is all of it. */
  readonly objects: ReadonlyMap<string | undefined, FoundObject<JudgedObject>>;
}

/** What makes Pods, and waits until all levels are known: there may be very many. */
interface HeldPods {
  readonly source: UnreadDocument;
  readonly path: string | undefined;
  readonly digest: string;
  readonly index: number;
  readonly namespace: string | null;
  /** By the level that was asked for, where it prints anything. */
  readonly finding?: Finding;
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
    const finding = this.findingOf(found);
    const { identity, judgement } = finding;
    const { makesPods = false, enforces, path, digest } = found.object;
    this.levels.note(identity.name, enforces);
    this.warnOfRepeated(found, identity);
    const { podSecurity } = this.command;
    const isQuiet = this.report.onlyCounts(finding);
    if (makesPods && judgement.accepted === true && podSecurity !== 'restricted') {
      const pods = { source, path, digest, index: found.index, namespace: identity.namespace };
      this.hold(isQuiet ? pods : { ...pods, finding });
    } else if (isQuiet) {
      // What prints nothing need not wait for its turn: there may be very many.
      this.report.finding(finding);
    } else {
      this.inTurn(() => {
        this.report.finding(finding);
      });
    }
  }

  private findingOf(found: FoundObject<JudgedObject>): Finding {
    const { object, file, index, ofKustomization, placeOf } = found;
    const identity = identityOf(object, this.about, this.command.cluster.namespace);
    const isKnown = kindOf(identity, this.about.kinds) !== undefined;
    const { judgement } = object;
    return { file, index, identity, ofKustomization, isKnown, remarks: [], placeOf, judgement };
  }

  private hold(pods: HeldPods): void {
    this.held.push(async () => {
      try {
        const { podSecurity } = this.command;
        const level = this.levels.of(pods.namespace, podSecurity);
        const finding = level === podSecurity ? pods.finding : await this.judgedAgain(pods, level);
        return () => {
          if (finding === undefined) this.report.acceptedQuietly();
          else this.report.finding(finding);
        };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        return () => {
          this.report.remark({ kind: 'unreadable', error });
        };
      }
    });
  }

  /** @throws InputError where the document is another one now */
  private async judgedAgain(
    { source, path, digest, index }: HeldPods,
    level: PodSecurityLevel | undefined,
  ): Promise<Finding> {
    if (this.again?.source !== source) this.again = { source, byLevel: new Map() };
    const { byLevel } = this.again;
    const known = byLevel.get(level) ?? this.documentAgain(source, level);
    byLevel.set(level, known);
    const { objects, mistake } = await known;
    const again = objects.get(path);
    if (again?.object.digest === digest) return this.findingOf({ ...again, index });
    throw new InputError(source.input.file, mistake?.message ?? 'changed while it was checked');
  }

  private async documentAgain(
    source: UnreadDocument,
    level: PodSecurityLevel | undefined,
  ): Promise<DocumentAgain> {
    const read = await this.judge(source, level);
    const objects = new Map<string | undefined, FoundObject<JudgedObject>>();
    for (const found of foundIn(source, read, 0)) {
      if (found.kind === 'object') objects.set(found.object.path, found);
    }
    source.document.release();
    return { objects, mistake: read.mistake };
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
