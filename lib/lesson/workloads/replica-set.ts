import type { Construct } from 'constructs';
import { KubeReplicaSet } from '../../../imports/k8s';
import {
  controllerMetadata,
  controllerSpec,
  type LessonControllerProps,
  validateWorkload,
} from './workload';

export type LessonReplicaSetProps = LessonControllerProps;

/**
 * The lesson's ReplicaSet: what it is given and nothing else. It keeps a number of Pods; a changed template is used for
 * Pods made from then on, and replaces none. (cdk8s-plus has none: it leaves ReplicaSets to Deployments.)
 */
export class LessonReplicaSet extends KubeReplicaSet {
  constructor(scope: Construct, id: string, props: LessonReplicaSetProps) {
    super(scope, id, { metadata: controllerMetadata(props), spec: controllerSpec(props) });
    validateWorkload(this, props);
  }
}
