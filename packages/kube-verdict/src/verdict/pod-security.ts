import type { PodSecurityLevel } from './judgement';

/** The label by which a Namespace refuses Pods (Pod Security Admission). */
export const ENFORCE_LABEL = 'pod-security.kubernetes.io/enforce';

export const POD_SECURITY_LEVELS: readonly PodSecurityLevel[] = ['baseline', 'restricted'];

export function isPodSecurityLevel(value: unknown): value is PodSecurityLevel {
  return value === 'baseline' || value === 'restricted';
}

/** Which level each Namespace of a set of manifests enforces. */
export class EnforcedLevels {
  private readonly levels = new Map<string, PodSecurityLevel>();

  /** Takes note of what a Namespace enforces. */
  note(namespace: string, level: unknown): void {
    if (isPodSecurityLevel(level)) this.levels.set(namespace, level);
  }

  /** The level for objects of a namespace: the stricter of the enforced and the one asked for. */
  of(namespace: string | null, asked?: PodSecurityLevel): PodSecurityLevel | undefined {
    const enforced = namespace === null ? undefined : this.levels.get(namespace);
    return [enforced, asked].includes('restricted') ? 'restricted' : (enforced ?? asked);
  }
}
