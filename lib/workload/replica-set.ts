import type { Construct } from 'constructs';
import { KubeReplicaSet } from '../../imports/k8s';
import {
  controllerMetadata,
  type ControllerProps,
  controllerSpec,
  refuseController,
} from './workload';

export type ReplicaSetProps = ControllerProps;

/** Keeps a number of Pods. A changed template is used for Pods made from then on; it replaces none. */
export class ReplicaSet extends KubeReplicaSet {
  constructor(scope: Construct, id: string, props: ReplicaSetProps) {
    super(scope, id, { metadata: controllerMetadata(props), spec: controllerSpec(props) });
    refuseController(this, props);
  }
}
