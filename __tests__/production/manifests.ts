import { ApiObject } from 'cdk8s';
import { judge } from 'kube-verdict/cdk8s';
import { App, Environment, Microservice, type MicroserviceProps } from '../../lib';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Record<string, unknown>;
  readonly data?: Readonly<Record<string, string>>;
}

/** The manifests of an environment that `define` fills, in any folder; judged by Kubernetes under `restricted`. */
export function manifestsOf(define: (environment: Environment) => void): Manifest[] {
  const app = new App({ outdir: '/nowhere' });
  judge(app, { podSecurity: 'restricted' });
  define(new Environment(app, 'test'));
  const errors = app.node
    .findAll()
    .flatMap((construct) =>
      construct.node.validate().map((error) => `[${construct.node.path}] ${error}`),
    );
  if (errors.length > 0) throw new Error(errors.join('\n'));
  // Not Testing.synth, which validates the whole app for each chart.
  return app.node
    .findAll()
    .filter((construct) => ApiObject.isApiObject(construct))
    .map((object) => object.toJson() as Manifest);
}

/** What is wrong with an environment that `define` fills: a line each; none if it is accepted. */
export function errorsOf(define: (environment: Environment) => void): string[] {
  try {
    manifestsOf(define);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

/** The one manifest of a kind and name. */
export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const [found, ...more] = manifests.filter(
    (manifest) => manifest.kind === kind && manifest.metadata.name === name,
  );
  if (found === undefined || more.length > 0)
    throw new Error(
      `${1 + more.length} ${kind}/${name} among ${manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(', ')}`,
    );
  return found;
}

/** The least that a microservice takes. */
export const user: MicroserviceProps = {
  image: 'user:1.0',
  port: 10086,
  probes: { start: '/readyz', live: '/healthz' },
};

/** That microservice with further props, in an environment. */
export const withProps = (props: Partial<MicroserviceProps>) => (environment: Environment) => {
  new Microservice(environment, 'user', { ...user, ...props });
};
