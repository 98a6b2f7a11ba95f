import type { Pod } from '../../e2e/harness/objects';
import type { ObjectEvent } from '../../e2e/harness/history';

interface PodProps {
  readonly name?: string;
  readonly template?: string;
  readonly ready?: boolean;
  readonly deleting?: boolean;
  readonly phase?: string;
}

/** A Pod as a watch tells of it. */
export function pod({
  name = 'a',
  template = 'one',
  ready = true,
  deleting = false,
  phase = 'Running',
}: PodProps = {}): Pod {
  return {
    metadata: {
      name,
      uid: `uid of ${name}`,
      resourceVersion: '1',
      labels: { 'pod-template-hash': template },
      ...(deleting && { deletionTimestamp: '2024-01-01T00:00:00Z' }),
    },
    spec: { containers: [{ name: 'redis', image: 'redis:5.0' }] },
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export function event(type: ObjectEvent<Pod>['type'], props: PodProps): ObjectEvent<Pod> {
  return { type, object: pod(props) };
}
