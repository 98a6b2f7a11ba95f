import type { Construct } from 'constructs';
import { KubeReplicationController } from '../../../imports/k8s';
import { addValidation } from '../../app/validation';
import { podTemplateSpec } from './pod-template';
import type { EqualitySelector } from './selector';
import { controllerMetadata, type LessonControllerProps, validateWorkload } from './workload';

/** A ReplicationController selects by equality only; ReplicaSet, which replaced it, also selects by sets. */
export type LessonReplicationControllerProps = LessonControllerProps<EqualitySelector>;

/**
 * The lesson's ReplicationController: what it is given and nothing else. It keeps a number of Pods; a changed template
 * is used for Pods made from then on, and replaces none.
 */
export class LessonReplicationController extends KubeReplicationController {
  constructor(scope: Construct, id: string, props: LessonReplicationControllerProps) {
    super(scope, id, {
      metadata: controllerMetadata(props),
      spec: {
        replicas: props.replicas,
        selector: { ...props.selector.matchLabels },
        template: podTemplateSpec(props.template),
      },
    });
    validateWorkload(this, props);
    addValidation(this, () => {
      // For apps that run without a type check: it would be left out of the manifest in silence.
      const { matchExpressions }: { matchExpressions?: unknown } = props.selector;
      if (matchExpressions === undefined) return [];
      return [
        {
          field: 'selector.matchExpressions',
          rule: 'must not be given: a ReplicationController selects by equality only',
          received: matchExpressions,
          fix: 'use matchLabels, or a ReplicaSet',
        },
      ];
    });
  }
}
