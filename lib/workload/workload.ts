import type { Construct } from 'constructs';
import type { LabelSelector, ObjectMeta, PodTemplateSpec } from '../../imports/k8s';
import { type Refusal, refuseWhen } from '../app/refusal';
import { refuseLabelName, refuseLabels, refuseSubdomainName } from './names';
import { type PodTemplate, podTemplateSpec, refusePodTemplate } from './pod-template';
import { labelSelector, refuseSelector, type Selector } from './selector';

/** What every workload is made of, the bare Pod included. */
export interface WorkloadProps {
  /** Name of the object: an RFC 1123 subdomain. */
  readonly name: string;
  /** @default - none is written: `kubectl` uses its own, at first `default` */
  readonly namespace?: string;
  readonly template: PodTemplate;
}

/** What every controller adds: how many Pods there are, and which are its own. */
export interface ControllerProps<S extends Selector = Selector> extends WorkloadProps {
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
}: ControllerProps): ObjectMeta {
  return { name, namespace, labels: { ...(labels ?? template.labels) } };
}

/** The part of a controller's spec that is alike in ReplicaSet, Deployment and StatefulSet. */
export function controllerSpec({ replicas, selector, template }: ControllerProps): {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
} {
  return { replicas, selector: labelSelector(selector), template: podTemplateSpec(template) };
}

/**
 * Refuses, at synthesis, what is wrong with the props of any workload, and records where it was created, for messages
 * about its manifest.
 */
export function refuseWorkload(
  construct: Construct,
  { name, namespace, template }: WorkloadProps,
): void {
  construct.node.addMetadata('created', name, {
    stackTrace: true,
    // From the caller of the constructor on.
    traceFromFunction: construct.constructor,
  });
  refuseWhen(construct, () => [
    ...refuseSubdomainName('name', name),
    ...(namespace === undefined ? [] : refuseLabelName('namespace', namespace)),
    ...refusePodTemplate(template),
  ]);
}

/** Refuses, at synthesis, what is wrong with the props of any controller. */
export function refuseController(construct: Construct, props: ControllerProps): void {
  const { labels = {}, selector, replicas, template } = props;
  refuseWorkload(construct, props);
  refuseWhen(construct, () => [
    ...refuseLabels('labels', labels),
    ...refuseReplicas(replicas),
    ...refuseSelector(selector, template.labels),
  ]);
}

function refuseReplicas(replicas: number | undefined): Refusal[] {
  if (replicas === undefined || (Number.isInteger(replicas) && replicas >= 0)) return [];
  return [
    {
      field: 'replicas',
      rule: 'must be an integer of 0 or more',
      received: replicas,
      mend: 'set it to 0 or more',
    },
  ];
}
