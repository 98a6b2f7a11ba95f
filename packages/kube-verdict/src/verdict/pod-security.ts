import { metadataOf } from './identity';
import type { Manifest, PodSecurityLevel } from './judgement';

/** The label by which a Namespace refuses Pods (Pod Security Admission). */
export const ENFORCE_LABEL = 'pod-security.kubernetes.io/enforce';

export const POD_SECURITY_LEVELS: readonly PodSecurityLevel[] = ['baseline', 'restricted'];

export function isPodSecurityLevel(value: unknown): value is PodSecurityLevel {
  return value === 'baseline' || value === 'restricted';
}

/** Which level each Namespace of a set of manifests enforces. */
export class EnforcedLevels {
  private readonly levels = new Map<string, PodSecurityLevel>();

  /** Takes note of the manifest if it is a Namespace that enforces a level. */
  note(manifest: Manifest): void {
    const { apiVersion, kind } = manifest as Record<string, unknown>;
    if (apiVersion !== 'v1' || kind !== 'Namespace') return;
    const { name, labels } = metadataOf(manifest);
    const level = (labels as Record<string, unknown> | null | undefined)?.[ENFORCE_LABEL];
    if (typeof name === 'string' && isPodSecurityLevel(level)) this.levels.set(name, level);
  }

  /** The level for objects of a namespace: the stricter of the enforced and the one asked for. */
  of(namespace: string | null, asked?: PodSecurityLevel): PodSecurityLevel | undefined {
    const enforced = namespace === null ? undefined : this.levels.get(namespace);
    return [enforced, asked].includes('restricted') ? 'restricted' : (enforced ?? asked);
  }
}
