import type { Container as KubeContainer, PodTemplateSpec } from '../../../imports/k8s';
import type { FieldError } from '../../app/validation';
import { validateImage } from '../../images/reference';

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

/** What is wrong with the prop `template`, and Kubernetes would accept. */
export function validatePodTemplate({ containers }: PodTemplate): FieldError[] {
  return [
    ...containers.flatMap(({ image }, index) =>
      validateImage(`template.containers[${index}].image`, image),
    ),
    ...validatePorts(containers),
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

function validatePorts(containers: readonly Container[]): FieldError[] {
  const firsts = new Map<number, string>();
  return containers.flatMap(({ ports = [] }, c) =>
    ports.flatMap((port, p) => {
      const field = `template.containers[${c}].ports[${p}]`;
      const first = firsts.get(port);
      if (first === undefined) {
        firsts.set(port, field);
        return [];
      }
      return {
        field,
        rule: `must be unique in its Pod, whose containers share one network namespace, and ${first} already has it`,
        received: port,
        fix: 'make one of the two listen on another port',
      };
    }),
  );
}
