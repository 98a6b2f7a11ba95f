import type { Container as KubeContainer, PodTemplateSpec } from '../../imports/k8s';
import type { Refusal } from '../app/refusal';
import { refuseImage } from './image-reference';
import { refuseLabelName, refuseLabels } from './names';

/** One container of a Pod. */
export interface Container {
  /** Name, unique in its Pod: an RFC 1123 label. */
  readonly name: string;
  /** Image reference, `[registry/]path[:tag][@digest]`. */
  readonly image: string;
  /**
   * TCP ports that it listens on, 1 to 65535, each unique in its Pod: containers of a Pod share one network namespace.
   *
   * @default - none
   */
  readonly ports?: readonly number[];
  /**
   * Environment variables, in the order in which they are written.
   *
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * When the kubelet pulls the image.
   *
   * @default - none is written: Kubernetes pulls the tag `latest` always, and any other if the node lacks it
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
}

/** What a controller creates Pods from; a bare Pod is one of these with a name. */
export interface PodTemplate {
  /** Labels of each Pod. A controller's selector must match them. */
  readonly labels: Readonly<Record<string, string>>;
  /** At least one. */
  readonly containers: readonly Container[];
}

/** The template as the Kubernetes API has it. */
export function podTemplateSpec({ labels, containers }: PodTemplate): PodTemplateSpec {
  return {
    metadata: { labels: { ...labels } },
    spec: { containers: containers.map(kubeContainer) },
  };
}

/** All that is wrong with a template which stands in the prop `template`. */
export function refusePodTemplate({ labels, containers }: PodTemplate): Refusal[] {
  const at = (index: number) => `template.containers[${String(index)}]`;
  const ports = containers.flatMap(({ ports = [] }, c) =>
    ports.map((port, p) => ({ field: `${at(c)}.ports[${String(p)}]`, value: port })),
  );
  return [
    ...refuseLabels('template.labels', labels),
    ...containers.flatMap(({ name, image }, index) => [
      ...refuseLabelName(`${at(index)}.name`, name),
      ...refuseImage(`${at(index)}.image`, image),
    ]),
    ...ports.flatMap(({ field, value }) => refusePort(field, value)),
    ...refuseRepeated(
      containers.map(({ name }, index) => ({ field: `${at(index)}.name`, value: name })),
      'must be unique in its Pod',
      'rename or remove one of the two containers',
    ),
    ...refuseRepeated(
      ports,
      'must be unique in its Pod, whose containers share one network namespace',
      'make one of the two listen on another port',
    ),
  ];
}

function kubeContainer({ name, image, ports, env, imagePullPolicy }: Container): KubeContainer {
  return {
    name,
    image,
    ports: ports?.map((containerPort) => ({ containerPort })),
    env: env && Object.entries(env).map(([name, value]) => ({ name, value })),
    imagePullPolicy,
  };
}

function refusePort(field: string, port: number): Refusal[] {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return [];
  return [
    {
      field,
      rule: 'must be an integer from 1 to 65535',
      received: port,
      mend: 'use a port such as 8080',
    },
  ];
}

interface Occurrence {
  readonly field: string;
  readonly value: unknown;
}

function refuseRepeated(occurrences: readonly Occurrence[], rule: string, mend: string): Refusal[] {
  const firsts = new Map<unknown, string>();
  return occurrences.flatMap(({ field, value }) => {
    const first = firsts.get(value);
    if (first !== undefined)
      return { field, rule: `${rule}, and ${first} already has it`, received: value, mend };
    firsts.set(value, field);
    return [];
  });
}
