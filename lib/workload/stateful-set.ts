import type { Construct } from 'constructs';
import { KubeStatefulSet } from '../../imports/k8s';
import { refuseWhen } from '../app/refusal';
import { refuseLabelName } from './names';
import {
  controllerMetadata,
  type ControllerProps,
  controllerSpec,
  refuseController,
} from './workload';

export interface StatefulSetProps extends ControllerProps {
  /** Name of the headless Service that gives each Pod its DNS name: an RFC 1123 label. It is not made here. */
  readonly serviceName: string;
}

/** Keeps a number of Pods with stable names, `NAME-0` and up, made and replaced in order. */
export class StatefulSet extends KubeStatefulSet {
  constructor(scope: Construct, id: string, props: StatefulSetProps) {
    super(scope, id, {
      metadata: controllerMetadata(props),
      spec: { ...controllerSpec(props), serviceName: props.serviceName },
    });
    refuseController(this, props);
    refuseWhen(this, () => refuseLabelName('serviceName', props.serviceName));
  }
}
