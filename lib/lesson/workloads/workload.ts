import type { Construct } from 'constructs';
import type { LabelSelector, ObjectMeta, PodTemplateSpec } from '../../../imports/k8s';
import { addValidation } from '../../app/validation';
import { type PodTemplate, podTemplateSpec, validatePodTemplate } from './pod-template';
import { labelSelector, type Selector } from './selector';

/** What every workload of the lesson is made of, the bare Pod included. */
export interface LessonWorkloadProps {
  /** Name of the object: an RFC 1123 subdomain. */
  readonly name: string;
  /** @default - none is written: `kubectl` uses its own, at first `default` */
  readonly namespace?: string;
  readonly template: PodTemplate;
}

/** What every controller of the lesson adds: how many Pods there are, and which are its own. */
export interface LessonControllerProps<S extends Selector = Selector> extends LessonWorkloadProps {
  /**
   * Labels of the controller itself. A change rolls nothing out; a change of `template.labels` does.
   *
   * @default - those of the template
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** Which Pods are its own; it must match `template.labels`. Kubernetes lets nobody change it later. */
  readonly selector: S;
  /**
   * How many Pods it keeps, an integer of 0 or more.
   *
   * @default - none is written: Kubernetes makes it 1
   */
  readonly replicas?: number;
}

/** The metadata of a controller as the Kubernetes API has it. */
export function controllerMetadata({
  name,
  namespace,
  labels,
  template,
}: LessonControllerProps): ObjectMeta {
  return { name, namespace, labels: { ...(labels ?? template.labels) } };
}

/** The part of a controller's spec that is alike in ReplicaSet, Deployment and StatefulSet. */
export function controllerSpec({ replicas, selector, template }: LessonControllerProps): {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
} {
  return { replicas, selector: labelSelector(selector), template: podTemplateSpec(template) };
}

/** Validates, at synthesis, what Kubernetes leaves open, and records where the construct was created, for messages. */
export function validateWorkload(
  construct: Construct,
  { name, template }: LessonWorkloadProps,
): void {
  construct.node.addMetadata('created', name, {
    stackTrace: true,
    // From the caller of the constructor on.
    traceFromFunction: construct.constructor,
  });
  addValidation(construct, () => validatePodTemplate(template));
}
