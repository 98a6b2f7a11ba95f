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
  /** Of a field that may not change: what the apply would have changed in it. */
  readonly immutable?: { readonly changes: readonly FieldChange[]; readonly fix: string };
}

export interface Judgement {
  /** Null: not judged. Then a warning says why (an unknown kind, or the judge gave up). */
  readonly accepted: boolean | null;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
  /** The object is accepted, but the Pods it makes would be refused by Pod Security admission. */
  readonly podErrors: readonly FieldError[];
}

/** One field that differs between the object before an apply and after it. */
export interface FieldChange {
  /**
   * Kubernetes' path of it. A list item has the index that it has in the new object, or in the old
   * one if it is removed.
   */
  readonly field: string;
  /** The path with list items by their merge keys: `spec.template.spec.containers[name="web"].image`. */
  readonly key: string;
  /** The values, defaults filled in; absent where there is none. */
  readonly old?: unknown;
  readonly new?: unknown;
  /** What happens to it, where the values are a Secret's, and not given. */
  readonly hidden?: 'added' | 'removed' | 'changed';
}

/** What a new Pod template waits for, where it replaces no Pods by itself. */
export interface Waits {
  readonly for: 'resume' | 'deletion' | 'partition' | 'scale' | 'replacement';
  readonly message: string;
}

/** A field in which the object that an apply leaves is not what its manifest says. */
export interface LostField {
  readonly field: string;
  readonly key: string;
  /** `missing` from the object, or it `stays` there though it was taken out of the manifest. */
  readonly what: 'missing' | 'stays';
  /** What the other sort of apply does with it; absent where that is not known. */
  readonly otherwise?: 'kept' | 'lost' | 'refused';
}

/** What an accepted apply does. */
export interface Change {
  /**
   * `create`: there was no object. `none`: nothing once defaults are filled in. `rollout`: new Pods
   * replace the old ones.
   */
  readonly kind: 'create' | 'none' | 'update' | 'rollout';
  /** Paths of the fields that differ. */
  readonly fields: readonly string[];
  /** The same fields with their values, where `changes` asks for them. */
  readonly changes?: readonly FieldChange[];
  readonly waits?: Waits;
  /** What the apply does not do as the manifest says, where `changes` asks for it. */
  readonly lost?: readonly LostField[];
  /** Why the previous manifest could never have been applied, so that this makes a new object. */
  readonly oldErrors?: readonly FieldError[];
}

/**
 * `change` is absent when the apply is refused. Of a kind that is not judged, it compares the
 * manifests alone.
 */
export type ApplyJudgement = Judgement & {
  readonly change?: Change;
  /** The object before and after the apply, where `objects` asks for them. */
  readonly old?: Manifest | null;
  readonly new?: Manifest;
};

/** What a manifest is judged by that it does not say. */
export interface ClusterOptions {
  /**
   * Where namespaced objects without a namespace are.
   * @default 'default'
   */
  readonly namespace?: string | undefined;
  /**
   * The families of the cluster's Services, the primary one first.
   * @default ['IPv4'], or those of `serviceCidr`
   */
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[] | undefined;
  /**
   * The range of the cluster's Services, or one of each family with a comma between.
   * @default - no address is out of range
   */
  readonly serviceCidr?: string | undefined;
}

export interface CreateOptions extends ClusterOptions {
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
  /**
   * Give the values of the fields that change, and what the apply loses of the manifest.
   * @default false
   */
  readonly changes?: boolean | undefined;
  /**
   * Give the object before and after the apply, as the API server shows it.
   * @default false
   */
  readonly objects?: boolean | undefined;
}

/** A kind in one version. */
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
  /** What else Kubernetes serves, or once served in another version. */
  readonly otherKinds: readonly Kind[];
  /** Groups whose kinds have moved to others. */
  readonly moved: readonly Moved[];
}

/** A kind that is served in another group than it once was. */
export interface Moved {
  readonly group: string;
  readonly kind: string;
  /** The group that it is stored in now. */
  readonly to: string;
}

/** A judgement for an object that could not be judged, with the reason as its warning. */
export function notJudged(reason: string): Judgement {
  return { accepted: null, errors: [], warnings: [`not judged: ${reason}`], podErrors: [] };
}
