/** Kubernetes objects, as far as the checks read and the faults change them. */

export interface Container {
  name: string;
  image: string;
  imagePullPolicy?: string;
  env?: { name: string; value: string }[];
}

export interface PodTemplate {
  metadata: { labels: Record<string, string> };
  spec: { containers: Container[] };
}

/** A manifest on its way to the cluster: a Pod or one of its controllers. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec: {
    replicas?: number;
    paused?: boolean;
    revisionHistoryLimit?: number;
    podManagementPolicy?: string;
    strategy?: { type: string; rollingUpdate?: Record<string, number | string> };
    template?: PodTemplate;
    containers?: Container[];
  };
}

interface ObjectMetadata {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly {
    readonly uid: string;
    readonly kind: string;
    readonly name: string;
  }[];
}

/** A Pod as the API server has it. */
export interface Pod {
  readonly metadata: ObjectMetadata;
  readonly spec: { readonly containers: readonly Container[]; readonly nodeName?: string };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  /** `containerd://…`; absent until it was made. */
  readonly containerID?: string;
  readonly restartCount: number;
  readonly state: {
    readonly waiting?: { readonly reason?: string };
    readonly terminated?: { readonly reason?: string };
  };
}

/** A controller of Pods as the API server has it. */
export interface Controller {
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly spec: Manifest['spec'] & Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** The containers of a manifest, wherever its kind keeps them. */
export function containersOf({ spec }: Partial<Manifest>): Container[] {
  return spec?.template?.spec.containers ?? spec?.containers ?? [];
}

/** Whether one of the Pod's containers is of this image. */
export function hasImage({ spec }: Pod, image: string): boolean {
  return spec.containers.some((container) => container.image === image);
}

/** Whether a controller may count on the Pod: it is ready and is not going. (minReadySeconds is 0 throughout.) */
export function isAvailable({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return ready && metadata.deletionTimestamp === undefined;
}

/** Whether the Pod counts towards its controller's replicas: Kubernetes' `IsPodActive`. */
export function isActive({ metadata, status }: Pod): boolean {
  const { phase } = status;
  return metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

/** `user-service-x: 2/3 ready, redis ErrImagePull`, for each Pod. */
export function describePods(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'no Pods';
  return pods.map(describePod).join('; ');
}

function describePod({ metadata, spec, status }: Pod): string {
  const statuses = status.containerStatuses ?? [];
  const ready = statuses.filter((container) => container.ready).length;
  const troubles = statuses.flatMap(({ name, state, restartCount }) => {
    const reason = state.waiting?.reason ?? state.terminated?.reason;
    const restarts = restartCount > 0 ? [`${name} restarted ${restartCount}×`] : [];
    return reason === undefined ? restarts : [`${name} ${reason}`, ...restarts];
  });
  const going = metadata.deletionTimestamp === undefined ? [] : ['being deleted'];
  const counts = `${status.phase ?? 'no phase'}, ${ready}/${spec.containers.length} ready`;
  return `${metadata.name}: ${[counts, ...troubles, ...going].join(', ')}`;
}

/** `generation 2, observed 1; 3 wanted, 4 there, 1 updated, 3 available`. */
export function describeController({ metadata, spec, status = {} }: Controller): string {
  return [
    `generation ${metadata.generation ?? 0}, observed ${status.observedGeneration ?? 0}`,
    `${spec.replicas ?? 1} wanted, ${status.replicas ?? 0} there, ${status.updatedReplicas ?? 0} updated, ` +
      `${status.availableReplicas ?? status.readyReplicas ?? 0} available`,
  ].join('; ');
}
