/** The name of the form that a plan is written in; its JSON Schema is `schema/plan.v1.json` of the package. */
export const PLAN_SCHEMA = 'kube-verdict/plan/v1';

/** What applies the new set: `kubectl apply`, the same with `--server-side`, or Flux's kustomize-controller. */
export type Applier = 'kubectl' | 'server-side' | 'flux';

export type Action =
  | 'create'
  | 'delete'
  /** Nothing, also where the text differs and means the same. */
  | 'none'
  /** The object changes; no Pod is replaced by it. */
  | 'update'
  /** Nothing but the number of Pods changes. */
  | 'scale'
  /** Pods are replaced. */
  | 'rollout'
  | 'refused'
  /** It is deleted and created anew, as it cannot be updated. */
  | 'replace'
  /** Kubernetes' code does not judge its kind: a custom resource. */
  | 'not-judged';

/** What `--fail-on` can name. */
export type Outcome = 'refused' | 'downtime' | 'data-loss' | 'restart' | 'any';

/** What a change does, before it does it. */
export interface Plan {
  readonly schema: typeof PLAN_SCHEMA;
  /** The version of Kubernetes whose code judges. */
  readonly kubernetes: string;
  readonly applier: Applier;
  /** A name for what is planned, such as an environment; empty for none. */
  readonly name: string;
  /** What the two sets are, as the caller named them. */
  readonly from: string;
  readonly to: string;
  /** The verdict in one line. */
  readonly verdict: string;
  readonly outcomes: readonly Outcome[];
  readonly counts: Counts;
  /** What holds for the set as a whole, such as what an applier does when something is refused. */
  readonly notes: readonly string[];
  /** All but those that are the same text on both sides; the worst first. */
  readonly objects: readonly ObjectPlan[];
  /** What follows for the set as a whole; the worst first. */
  readonly findings: readonly Finding[];
  /** Fields that changed alike on several objects. They are not among the objects' fields. */
  readonly common: readonly CommonChange[];
  readonly images: readonly ImageChange[];
  /** Who sends requests to, reads from or watches over whom, around what changes. */
  readonly topology: Topology;
}

export interface Counts {
  readonly create: number;
  readonly delete: number;
  readonly none: number;
  readonly update: number;
  readonly scale: number;
  readonly rollout: number;
  readonly replace: number;
  readonly refused: number;
  readonly notJudged: number;
  /** The same text on both sides. */
  readonly unchanged: number;
  /** Pods that end and have a successor; null where a number of nodes is not known. */
  readonly podsReplaced: number | null;
}

export interface ObjectPlan {
  /** `apps/Deployment/default/web`: group, kind, namespace (empty for none) and name, each as in a URL. */
  readonly id: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** The object that this one succeeds under another version, or another content hash in its name. */
  readonly previous: { readonly apiVersion: string; readonly name: string } | null;
  /** Where it stands in the new set, or in the old one when it is deleted. */
  readonly place: { readonly file: string; readonly line: number } | null;
  readonly action: Action;
  /** What happens to it, without its name: `rolls out: 3 Pods replaced, …`. */
  readonly summary: string;
  /** More about it, a sentence each. */
  readonly details: readonly string[];
  /** Fields that differ, as the API server holds them. */
  readonly fields: readonly FieldChange[];
  readonly scale: Scale | null;
  readonly rollout: RolloutPlan | null;
  readonly refusal: Refusal | null;
  readonly warnings: readonly string[];
}

/** A field before and after; absent is null. */
export interface FieldChange {
  /** `spec.template.spec.containers[web].image`, list items by their merge key. */
  readonly path: string;
  readonly old: unknown;
  readonly new: unknown;
  /** The value is a Secret's: it is in no output, `old` and `new` are true where there is one. */
  readonly hidden: boolean;
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  /** The autoscaler that decides instead, by id. */
  readonly autoscaler: string | null;
}

/** One mistake, as the API server's `Status.details.causes` names it. */
export interface FieldError {
  /** Kubernetes' path (`spec.template.spec.containers[0].image`); empty for the whole object. */
  readonly field: string;
  /** `FieldValueRequired`, `FieldValueInvalid`…, or a reason such as `BadRequest`. */
  readonly type: string;
  readonly message: string;
}

export interface Refusal {
  readonly errors: readonly FieldError[];
  readonly waysOut: readonly WayOut[];
}

export interface WayOut {
  readonly way:
    | 'fix'
    | 'new-name'
    | 'delete-and-create'
    | 'replace-force'
    | 'server-side'
    | 'client-side'
    | 'leave-out'
    | 'keep';
  /** What to do and what it costs. */
  readonly message: string;
}

/** What happens to the Pods of a workload. Null where a figure depends on an unknown number of nodes. */
export interface Rollout {
  /** `None` for kinds whose Pods keep the template that they were made from. */
  readonly strategy: 'RollingUpdate' | 'Recreate' | 'OnDelete' | 'None';
  /** Desired Pods before and after. */
  readonly from: number | null;
  readonly to: number | null;
  readonly templateChanged: boolean;
  /** Pods that end and have a successor. */
  readonly podsReplaced: number | null;
  /** Pods of the old template that start because scaling comes first. */
  readonly podsStartedInVain: number;
  /** Pods that keep the old template, and what they wait for. */
  readonly waiting: {
    readonly pods: number | null;
    readonly for: 'paused' | 'onDelete' | 'partition' | 'unready' | 'recreation';
  } | null;
  /** At every instant at least so many Pods are available… */
  readonly fewestAvailable: number | null;
  /** …and at most so many exist that are not ending. */
  readonly mostExisting: number | null;
  /** So many stay available if no new Pod ever becomes so. */
  readonly availableIfNeverReady: number | null;
  /** The bounds of a rolling update as they resolve; null for percentages of an unknown number. */
  readonly atATime: { readonly unavailable: number | null; readonly surge: number | null } | null;
  /** Times that the controller waits for Pods to become available or to end. */
  readonly steps: number | null;
  /** What probes, minReadySeconds and preStop sleeps make it last at least. */
  readonly leastSeconds: number | null;
  /** The course where every Pod takes its least time; the middle of a long one is left out. */
  readonly timeline: readonly RolloutState[] | null;
  /** What has to be free beyond what the Pods had before. */
  readonly room: Room | null;
  readonly progressDeadlineSeconds: number | null;
}

export interface RolloutState {
  readonly second: number;
  /** Of the old template: available, and not yet so. */
  readonly old: number;
  readonly oldStarting: number;
  /** Of the new template: not yet available, and available. */
  readonly starting: number;
  readonly updated: number;
  readonly ending: number;
}

export interface Room {
  readonly pods: number;
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

export interface RolloutPlan extends Rollout {
  /** The autoscaler that holds the replicas; figures are for the fewest, `atMost` for the most. */
  readonly autoscaler: {
    readonly id: string;
    readonly min: number;
    readonly max: number;
    readonly atMost: Rollout;
  } | null;
  /** The disruption budget that promises so many available Pods. A rollout does not keep to it. */
  readonly promise: { readonly budget: string; readonly healthy: number } | null;
  /** Services, by id, whose endpoints are these Pods. */
  readonly services: readonly string[];
}

export type Level = 'downtime' | 'data-loss' | 'caution' | 'note';

export type FindingCode =
  | 'downtime'
  | 'no-endpoints'
  | 'hand-over'
  | 'half-applied'
  | 'data-deleted'
  | 'claims-left'
  | 'namespace-deleted'
  | 'definition-deleted'
  | 'not-pruned'
  | 'replaced'
  | 'config-not-reread'
  | 'config-reread'
  | 'config-moved'
  | 'template-waits'
  | 'pods-keep-template'
  | 'suspended'
  | 'next-run'
  | 'selector-matches-nothing'
  | 'selector-matches-two'
  | 'budget-matches-nothing'
  | 'budget-matches-two'
  | 'budget-allows-nothing'
  | 'below-budget'
  | 'owners-overlap'
  | 'pod-adopted'
  | 'reference-missing'
  | 'reference-deleted'
  | 'replicas-beside-autoscaler'
  | 'replicas-taken-away'
  | 'autoscaler-off'
  | 'autoscaler-bounds'
  | 'pods-refused'
  | 'traffic'
  | 'probe-removed'
  | 'claim-grows'
  | 'container-restarts'
  | 'in-progress';

export interface Finding {
  readonly code: FindingCode;
  readonly level: Level;
  /** The object that it is about, by id. */
  readonly object: string;
  /** Other objects that it names, by id. */
  readonly related: readonly string[];
  readonly message: string;
}

export interface CommonChange {
  readonly path: string;
  readonly old: unknown;
  readonly new: unknown;
  /** The objects that it changed on, by id. */
  readonly objects: readonly string[];
}

export interface ImageChange {
  readonly container: string;
  /** Empty where there was none, or is none any more. */
  readonly old: string;
  readonly new: string;
  readonly moved: 'tag' | 'digest' | 'tag-and-digest' | 'name' | 'added' | 'removed';
  /** What is worth a second look, such as a tag that moves by itself. */
  readonly caution: string;
  readonly objects: readonly string[];
}

export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

export interface TopologyNode {
  readonly id: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly action: Action;
}

export interface TopologyEdge {
  readonly from: string;
  readonly to: string;
  readonly relation:
    | 'routes'
    | 'selects'
    | 'reads'
    | 'mounts'
    | 'scales'
    | 'budgets'
    /** A NetworkPolicy and the workloads that it is about. */
    | 'allows'
    /** A workload from which a NetworkPolicy admits traffic, and one to which it lets traffic go. */
    | 'admitted-by'
    | 'reaches'
    | 'runs-as';
  /** Whether it was there before, is there after, or both. */
  readonly state: 'kept' | 'added' | 'removed';
}
