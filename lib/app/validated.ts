import { Construct, type IConstruct } from 'constructs';
import { createdAt } from 'kube-verdict/cdk8s';
import { addValidation, type FieldError, ValidationError } from './validation';

/** What an author calls to make a construct: the place of that call is where it was created. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as V8 and addMetadata take it
export type Creator = Function;

/**
 * A construct that says of its errors where it was created, and that can be made whatever its id is: an id that
 * cannot be is an error among the others, not an exception.
 */
export class ValidatedConstruct extends Construct {
  private valid = true;

  /** @param creator the function that the author has called. @default - the constructor */
  constructor(scope: Construct, id: string, creator?: Creator) {
    super(scope, freeId(scope, id));
    this.node.addMetadata('created', id, {
      stackTrace: true,
      traceFromFunction: creator ?? new.target,
    });
  }

  /** Whether nothing is wrong with it. What is not valid makes no objects, nor does what builds on it. */
  get isValid(): boolean {
    return this.valid;
  }

  /**
   * Reports these at synthesis.
   *
   * @param claims names that it {@link claim}s where there are none
   * @returns whether nothing is wrong
   */
  accept(errors: readonly FieldError[], claims: () => readonly FieldError[]): boolean {
    const all = errors.length > 0 ? errors : claims();
    this.valid = this.valid && all.length === 0;
    addValidation(this, () => all);
    return this.isValid;
  }

  /**
   * Takes names for itself that are unique in a scope.
   *
   * @returns an error for the first that another construct has
   */
  claim(
    field: string,
    received: unknown,
    what: string,
    names: readonly string[],
    scope: IConstruct | undefined = this.node.scope,
  ): FieldError[] {
    const holders = holdersIn(scope ?? this);
    for (const name of names) {
      const key = `${what} ${name}`;
      const holder = holders.get(key) ?? this;
      holders.set(key, holder);
      if (holder === this) continue;
      const place = createdAt(holder);
      return [
        {
          field,
          rule: `must leave the ${what} ${name} to ${holder.node.path}${place === undefined ? '' : ` (created at ${place})`}, which has it already`,
          received,
          fix: 'use another for one of the two',
        },
      ];
    }
    return [];
  }
}

/** Whether a construct has claimed this name in that scope. */
export function isClaimed(scope: IConstruct, what: string, name: string): boolean {
  return holdersIn(scope).has(`${what} ${name}`);
}

const claimed = new WeakMap<IConstruct, Map<string, IConstruct>>();

function holdersIn(scope: IConstruct): Map<string, IConstruct> {
  const holders = claimed.get(scope) ?? new Map<string, IConstruct>();
  claimed.set(scope, holders);
  return holders;
}

/** An id that `scope` has no child of: this one, if it can be. */
function freeId(scope: unknown, id: unknown): string {
  if (!Construct.isConstruct(scope))
    throw new ValidationError([
      `[${String(id)}] scope: must be the construct that it belongs to; received ${String(scope)}; create that first and pass it`,
    ]);
  const wanted = typeof id === 'string' && id !== '' && !(id in {}) ? id : 'invalid';
  for (let n = 1; ; n++) {
    const free = n === 1 ? wanted : `${wanted} (${n})`;
    if (scope.node.tryFindChild(free) === undefined) return free;
  }
}
