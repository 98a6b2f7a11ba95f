import type { Construct } from 'constructs';
import { KubeDeployment } from '../../imports/k8s';
import { refuseWhen } from '../app/refusal';
import {
  type DeploymentStrategy,
  kubeDeploymentStrategy,
  refuseDeploymentStrategy,
} from './deployment-strategy';
import {
  controllerMetadata,
  type ControllerProps,
  controllerSpec,
  refuseController,
} from './workload';

export interface DeploymentProps extends ControllerProps {
  /**
   * How Pods are replaced when the template changes.
   *
   * @default - none is written: Kubernetes makes it RollingUpdate with 25% for both. A change from there to Recreate
   * is refused by `kubectl apply --server-side`; write RollingUpdate out first if it may ever be made.
   */
  readonly strategy?: DeploymentStrategy;
}

/** Keeps a number of Pods, and replaces them when anything in the template changes: a rollout. */
export class Deployment extends KubeDeployment {
  constructor(scope: Construct, id: string, props: DeploymentProps) {
    const { strategy } = props;
    super(scope, id, {
      metadata: controllerMetadata(props),
      spec: { ...controllerSpec(props), strategy: strategy && kubeDeploymentStrategy(strategy) },
    });
    refuseController(this, props);
    refuseWhen(this, () => (strategy === undefined ? [] : refuseDeploymentStrategy(strategy)));
  }
}
