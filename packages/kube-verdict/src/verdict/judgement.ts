/** A Kubernetes manifest: the object that a YAML or JSON document holds. */
export type Manifest = object;

/** Levels of the Pod Security Standards that refuse anything. */
export type PodSecurityLevel = 'baseline' | 'restricted';

/** One mistake, as the API server's `Status.details.causes` names it. */
export interface FieldError {
  /** Kubernetes' path (`spec.template.spec.containers[0].image`); empty for the whole object. */
  readonly field: string;
  /** `FieldValueRequired`, `FieldValueInvalid`…, or a reason such as `BadRequest`. */
  readonly type: string;
  readonly message: string;
}

export interface Judgement {
  /** Null: not judged. Then a warning says why (an unknown kind, or the judge gave up). */
  readonly accepted: boolean | null;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
  /** The object is accepted, but the Pods it makes would be refused by Pod Security admission. */
  readonly podErrors: readonly FieldError[];
}

/** What an accepted apply does. */
export interface Change {
  /** `none`: nothing once defaults are filled in. `rollout`: new Pods replace the old ones. */
  readonly kind: 'none' | 'update' | 'rollout';
  /** Paths of the fields that differ. */
  readonly fields: readonly string[];
}

/** `change` is absent when the apply is refused or was not judged. */
export type ApplyJudgement = Judgement & { readonly change?: Change };

export interface CreateOptions {
  /**
   * The Pod Security level that the namespace enforces.
   * @default - Pods are not judged
   */
  readonly podSecurity?: PodSecurityLevel | undefined;
}

export interface ApplyOptions extends CreateOptions {
  /**
   * Judge `kubectl apply --server-side` (forced, one field manager) instead of `kubectl apply`.
   * @default false
   */
  readonly serverSide?: boolean | undefined;
  /**
   * The object as the cluster holds it now.
   * @default - the previous manifest, with what the API server fills in
   */
  readonly live?: Manifest | undefined;
}

/** A kind that is judged. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What the module says of itself. */
export interface About {
  /** The Kubernetes version whose code judges, such as `1.34.10`. */
  readonly kubernetes: string;
  readonly kinds: readonly Kind[];
}

/** A judgement for an object that could not be judged, with the reason as its warning. */
export function notJudged(reason: string): Judgement {
  return { accepted: null, errors: [], warnings: [`not judged: ${reason}`], podErrors: [] };
}

/** A judgement that refuses an object as a whole. */
export function refused(type: string, message: string): Judgement {
  return { accepted: false, errors: [{ field: '', type, message }], warnings: [], podErrors: [] };
}
