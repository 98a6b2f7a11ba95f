import type { Construct } from 'constructs';
import { KubePod } from '../../imports/k8s';
import { podTemplateSpec } from './pod-template';
import { refuseWorkload, type WorkloadProps } from './workload';

export type PodProps = WorkloadProps;

/** One Pod that nobody recreates: when it or its node is gone, it stays gone. */
export class Pod extends KubePod {
  constructor(scope: Construct, id: string, props: PodProps) {
    const { metadata, spec } = podTemplateSpec(props.template);
    super(scope, id, {
      metadata: { name: props.name, namespace: props.namespace, ...metadata },
      spec,
    });
    refuseWorkload(this, props);
  }
}
