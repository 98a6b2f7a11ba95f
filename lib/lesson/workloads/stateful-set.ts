import type { Construct } from 'constructs';
import { KubeStatefulSet } from '../../../imports/k8s';
import {
  controllerMetadata,
  controllerSpec,
  type LessonControllerProps,
  validateWorkload,
} from './workload';

export interface LessonStatefulSetProps extends LessonControllerProps {
  /** Name of the headless Service that gives each Pod its DNS name: an RFC 1123 label. It is not made here. */
  readonly serviceName: string;
}

/**
 * The lesson's StatefulSet: what it is given and nothing else, where `StatefulSet` of cdk8s-plus adds defaults. It keeps
 * a number of Pods with stable names, `NAME-0` and up, made and replaced in order.
 */
export class LessonStatefulSet extends KubeStatefulSet {
  constructor(scope: Construct, id: string, props: LessonStatefulSetProps) {
    super(scope, id, {
      metadata: controllerMetadata(props),
      spec: { ...controllerSpec(props), serviceName: props.serviceName },
    });
    validateWorkload(this, props);
  }
}
