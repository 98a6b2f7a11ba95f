import type { Construct } from 'constructs';
import { KubeReplicationController } from '../../imports/k8s';
import { refuseWhen } from '../app/refusal';
import { podTemplateSpec } from './pod-template';
import type { EqualitySelector } from './selector';
import { controllerMetadata, type ControllerProps, refuseController } from './workload';

/** A ReplicationController selects by equality only; ReplicaSet, which replaced it, also selects by sets. */
export type ReplicationControllerProps = ControllerProps<EqualitySelector>;

/** Keeps a number of Pods. A changed template is used for Pods made from then on; it replaces none. */
export class ReplicationController extends KubeReplicationController {
  constructor(scope: Construct, id: string, props: ReplicationControllerProps) {
    super(scope, id, {
      metadata: controllerMetadata(props),
      spec: {
        replicas: props.replicas,
        selector: { ...props.selector.matchLabels },
        template: podTemplateSpec(props.template),
      },
    });
    refuseController(this, props);
    refuseWhen(this, () => {
      // For programs that run without a type check: it would be left out of the manifest in silence.
      const { matchExpressions }: { matchExpressions?: unknown } = props.selector;
      if (matchExpressions === undefined) return [];
      return [
        {
          field: 'selector.matchExpressions',
          rule: 'must not be given: a ReplicationController selects by equality only',
          received: matchExpressions,
          mend: 'use matchLabels, or a ReplicaSet',
        },
      ];
    });
  }
}
