/** What the checks about controllers run: written by the constructs of lib, in the lesson's names. */
import {
  type DeploymentStrategy,
  LessonDeployment,
  LessonReplicaSet,
  LessonReplicationController,
  LessonStatefulSet,
  type PodTemplate,
  type Selector,
} from '../../../lib';
import type { Manifest } from '../../harness/objects';
import { render } from '../../harness/render';

export const NAME = 'user-service';
/** The lesson's image of redis, and the one that a rollout goes to. */
export const IMAGE = 'redis:5.0';
export const NEW_IMAGE = 'redis:6.0';

const labels = { name: NAME };

/** The lesson's template with its container redis alone, which starts at once; `change` makes it another one. */
export function template(change: Partial<PodTemplate['containers'][0]> = {}): PodTemplate {
  const redis = { name: 'redis', image: IMAGE, ports: [6379] };
  return { labels, containers: [{ ...redis, imagePullPolicy: 'IfNotPresent', ...change }] };
}

interface Variation {
  readonly replicas?: number;
  readonly template?: PodTemplate;
  /** Labels of the controller itself. */
  readonly labels?: Readonly<Record<string, string>>;
}

export function deployment(
  variation: Variation & { strategy?: DeploymentStrategy } = {},
): Manifest {
  return render((chart) => {
    new LessonDeployment(chart, 'deployment', { ...defaults, ...variation });
  });
}

export function replicationController(variation: Variation = {}): Manifest {
  return render((chart) => {
    new LessonReplicationController(chart, 'replication-controller', { ...defaults, ...variation });
  });
}

export function replicaSet(variation: Variation & { selector?: Selector } = {}): Manifest {
  return render((chart) => {
    new LessonReplicaSet(chart, 'replica-set', { ...defaults, ...variation });
  });
}

export function statefulSet(variation: Variation = {}): Manifest {
  return render((chart) => {
    new LessonStatefulSet(chart, 'stateful-set', { ...defaults, serviceName: NAME, ...variation });
  });
}

const defaults = {
  name: NAME,
  selector: { matchLabels: labels },
  replicas: 3,
  template: template(),
} as const;
