import type { ApiObject } from 'cdk8s';
import type { LabelSelector, ObjectMeta, PodTemplateSpec } from '../../../imports/k8s';
import { addValidation, nameProps } from '../../app/validation';
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

/**
 * Validates, at synthesis, what Kubernetes leaves open, and lets messages name where the construct was created and which
 * prop is to blame.
 */
export function validateWorkload(
  construct: ApiObject,
  props: LessonWorkloadProps | LessonControllerProps,
): void {
  construct.node.addMetadata('created', props.name, {
    stackTrace: true,
    // From the caller of the constructor on.
    traceFromFunction: construct.constructor,
  });
  addValidation(construct, () => validatePodTemplate(props.template));
  nameProps(construct, (field) => propOf(field, construct.kind, props));
}

/** The prop that a field of a workload's manifest was made from. */
function propOf(
  field: string,
  kind: string,
  { labels, template }: Partial<LessonControllerProps> & LessonWorkloadProps,
): string {
  const inTemplate =
    /^spec\.template\.(.*)/.exec(field)?.[1] ??
    (kind === 'Pod' ? /^(?:metadata\.labels|spec\.).*/.exec(field)?.[0] : undefined);
  if (inTemplate !== undefined) {
    const prop = inTemplate
      .replace(/^(metadata|spec)\./, '')
      .replace(/\.containerPort$/, '')
      .replace(/^containers\[(\d+)\]\.env\[(\d+)\].*/, (env, container: string, index: string) => {
        const name = Object.keys(template.containers[Number(container)]?.env ?? {})[Number(index)];
        return name === undefined ? env : `containers[${container}].env[${JSON.stringify(name)}]`;
      });
    return `template.${prop}`;
  }
  if (field.startsWith('metadata.labels') && labels === undefined)
    return field.replace('metadata', 'template');
  return field.replace(/^(metadata|spec)\./, '');
}
