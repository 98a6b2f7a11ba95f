import type { Construct } from 'constructs';
import { KubePod } from '../../../imports/k8s';
import { podTemplateSpec } from './pod-template';
import { type LessonWorkloadProps, validateWorkload } from './workload';

export type LessonPodProps = LessonWorkloadProps;

/**
 * The lesson's Pod: what it is given and nothing else, where `Pod` of cdk8s-plus adds defaults. Nobody recreates it:
 * when it or its node is gone, it stays gone.
 */
export class LessonPod extends KubePod {
  constructor(scope: Construct, id: string, props: LessonPodProps) {
    const { metadata, spec } = podTemplateSpec(props.template);
    super(scope, id, {
      metadata: { name: props.name, namespace: props.namespace, ...metadata },
      spec,
    });
    validateWorkload(this, props);
  }
}
