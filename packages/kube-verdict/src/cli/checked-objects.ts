import { identityKey } from '../pairing/pair';
import { type FoundObject, foundIn, type Remark, type UnreadDocument } from '../reading/documents';
import type { ReadDocument, ReadObject } from '../reading/reader';
import { describeIdentity, type Identity, identityOf, kindOf } from '../verdict/identity';
import type { About, ApplyJudgement, FieldError, PodSecurityLevel } from '../verdict/judgement';
import { EnforcedLevels } from '../verdict/pod-security';
import type { CheckCommand } from './arguments';
import type { Report } from './report';

/** An object that was judged as it was read. */
export interface JudgedObject extends ReadObject {
  readonly judgement: ApplyJudgement & {
    /** Where the level is not known yet: the mistakes of each level that has any. */
    readonly podErrorsOf?: PodErrors;
  };
}

export type JudgedDocument = ReadDocument & { readonly objects: readonly JudgedObject[] };

type PodErrors = Partial<Record<PodSecurityLevel, readonly FieldError[]>>;

/** Hands what was judged to the report, in its order. */
export class CheckedObjects {
  /** Objects so far. */
  count = 0;
  private readonly levels = new EnforcedLevels();
  private readonly firsts = new Map<string, { digest: string; place: string }>();
  private readonly podErrors = new Map<string, PodErrors>();
  /** What waits for Namespaces that are still to come, and all that comes after it. */
  private readonly held: (() => void)[] = [];
  private file = '';
  private index = 0;

  constructor(
    private readonly command: CheckCommand,
    private readonly about: About,
    private readonly report: Report,
  ) {}

  remark(remark: Remark): void {
    this.inTurn(() => {
      this.report.remark(remark);
    });
  }

  document(source: UnreadDocument, read: JudgedDocument): void {
    const { file } = source.input;
    if (file !== this.file) this.index = 0;
    this.file = file;
    for (const found of foundIn(source, read, this.index)) {
      if (found.kind === 'object') this.object(found);
      else this.remark(found);
    }
    this.index += read.objects.length;
    source.document.release();
  }

  /** All is read: which levels are enforced is known. */
  done(): void {
    for (const print of this.held.splice(0)) print();
  }

  private object(found: FoundObject<JudgedObject>): void {
    this.count++;
    const { object, file, index, ofKustomization } = found;
    const { namespace } = this.command.cluster;
    const identity = identityOf(object, this.about, namespace);
    this.levels.note(identity.name, object.enforces);
    this.warnOfRepeated(found, identity);
    const { podErrorsOf, ...judgement } = object.judgement;
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
    if (podErrorsOf === undefined) {
      const print = (): void => {
        this.report.finding({ ...finding, judgement });
      };
      // What prints nothing need not wait for its turn: there may be very many.
      if (this.report.onlyCounts({ ...finding, judgement })) print();
      else this.inTurn(print);
      return;
    }
    const shared = this.shared(podErrorsOf);
    this.held.push(() => {
      const level = this.levels.of(identity.namespace, this.command.podSecurity);
      const podErrors = (level === undefined ? undefined : shared[level]) ?? [];
      this.report.finding({ ...finding, judgement: { ...judgement, podErrors } });
    });
  }

  private inTurn(print: () => void): void {
    if (this.held.length === 0) print();
    else this.held.push(print);
  }

  /** Most objects make the same mistakes, and there may be many. */
  private shared(errors: PodErrors): PodErrors {
    const key = JSON.stringify(errors);
    const known = this.podErrors.get(key);
    if (known === undefined) this.podErrors.set(key, errors);
    return known ?? errors;
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
