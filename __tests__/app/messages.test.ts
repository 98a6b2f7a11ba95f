import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import {
  App,
  LessonDeployment,
  type LessonContainer,
  LessonPod,
  LessonReplicationController,
  LessonStatefulSet,
  type UserService,
  userService,
  type ValidationError,
} from '../../lib';

const LESSON = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});

/** The messages of an app, with HERE for the lines of this file where its constructs are created. */
function errorsOf(define: (app: App) => void): string[] {
  const app = new App({ outdir: join(tmpdir(), 'never-written'), judge: {} });
  define(app);
  try {
    app.synth();
  } catch (error) {
    return (error as ValidationError).errors.map((line) =>
      line.replaceAll(/__tests__\/app\/messages\.test\.ts:\d+:\d+/g, 'HERE'),
    );
  }
  throw new Error('it is accepted');
}

/** An app as main.ts makes it, of another Deployment. */
function deployment(props: object): (app: App) => void {
  return (app) => {
    new LessonPod(new Chart(app, 'user-service'), 'pod', LESSON);
    new LessonDeployment(new Chart(app, 'deployment'), 'it', { ...LESSON, ...props });
  };
}

/** An app as main.ts makes it, of another lesson. */
function lesson(change: Partial<UserService['template']>): (app: App) => void {
  return (app) => {
    const template = { ...LESSON.template, ...change };
    const selector = { matchLabels: template.labels };
    new LessonPod(new Chart(app, 'pod'), 'it', { ...LESSON, template });
    new LessonDeployment(new Chart(app, 'deployment'), 'it', { ...LESSON, selector, template });
  };
}

/** An app as main.ts makes it, with another container in the place of that of Redis. */
function redis(change: object): (app: App) => void {
  const [user, mysql, redis] = LESSON.template.containers as LessonContainer[];
  if (user === undefined || mysql === undefined || redis === undefined) throw new Error('too few');
  return lesson({ containers: [user, mysql, { ...redis, ...change }] });
}

/** What is said of a field of the template that the Pod and the Deployment share. */
function both(field: string, prop: string, message: string): string {
  return (
    `[pod/it] Pod default/user-service: spec.${field} (prop template.${prop}): ${message} (created at HERE); ` +
    `also [deployment/it] Deployment default/user-service: spec.template.spec.${field} (prop template.${prop}) (created at HERE)`
  );
}

const LABEL =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const DNS_LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const IMAGE =
  'must be an image reference, [registry/]path[:tag][@digest]; received "Redis:5.0"; write it as "redis:5.0" or "registry.example:5000/team/redis:5.0@sha256:<64 hexadecimal digits>"';

type Mistake = readonly [what: string, define: (app: App) => void, message: string];

const MISTAKES: readonly Mistake[] = [
  [
    'a negative number of replicas',
    deployment({ replicas: -1 }),
    '[deployment/it] Deployment default/user-service: spec.replicas: Invalid value: -1: must be greater than or equal to 0 (created at HERE)',
  ],
  [
    'half a replica',
    deployment({ replicas: 1.5 }),
    '[deployment/it] Deployment default/user-service: spec.replicas: Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32 (created at HERE)',
  ],
  [
    'a share of more than all',
    deployment({ strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '200%' } } }),
    '[deployment/it] Deployment default/user-service: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100% (created at HERE)',
  ],
  [
    'a rollout that can replace no Pod',
    deployment({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
    }),
    '[deployment/it] Deployment default/user-service: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0 (created at HERE)',
  ],
  [
    'a rolling update with Recreate, against the types',
    deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    "[deployment/it] Deployment default/user-service: spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate' (created at HERE)",
  ],
  [
    'a strategy that there is not, against the types',
    deployment({ strategy: { type: 'Rolling' } }),
    '[deployment/it] Deployment default/user-service: spec.strategy: Unsupported value: {"Type":"Rolling","RollingUpdate":{"MaxUnavailable":"25%","MaxSurge":"25%"}}: supported values: "Recreate", "RollingUpdate" (created at HERE)',
  ],
  [
    'a namespace with a dot',
    deployment({ namespace: 'team.shop' }),
    '[deployment/it] Deployment team.shop/user-service: metadata.namespace: Invalid value: "team.shop": must not contain dots (created at HERE)',
  ],
  [
    'a name in capitals',
    deployment({ name: 'User' }),
    "[deployment/it] Deployment default/User: metadata.name: Invalid value: \"User\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (created at HERE)",
  ],
  [
    'a label with a space',
    deployment({ labels: { team: 'a b' } }),
    `[deployment/it] Deployment default/user-service: metadata.labels: Invalid value: "a b": ${LABEL} (created at HERE)`,
  ],
  [
    'a label that is no text, against the types',
    deployment({ labels: { tier: 1 } }),
    '[deployment/it] Deployment default/user-service: metadata.labels[tier]: Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string (created at HERE)',
  ],
  [
    'a label of the template, which is in the selector too',
    lesson({ labels: { name: 'user service' } }),
    `[pod/it] Pod default/user-service: metadata.labels (prop template.labels): Invalid value: "user service": ${LABEL} (created at HERE); ` +
      'also [deployment/it] Deployment default/user-service: metadata.labels (prop template.labels), spec.selector.matchLabels (created at HERE)',
  ],
  [
    'a selector of other Pods',
    deployment({ selector: { matchLabels: { name: 'user' } } }),
    '[deployment/it] Deployment default/user-service: spec.template.metadata.labels (prop template.labels): Invalid value: {"name":"user-service"}: `selector` does not match template `labels` (created at HERE)',
  ],
  [
    'a selector without values',
    deployment({
      selector: { matchExpressions: [{ key: 'name', operator: 'In', values: [] }] },
    }),
    "[deployment/it] Deployment default/user-service: spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn' (created at HERE)",
  ],
  [
    'a port above all',
    redis({ ports: [65536] }),
    both(
      'containers[2].ports[0].containerPort',
      'containers[2].ports[0]',
      'Invalid value: 65536: must be between 1 and 65535, inclusive',
    ),
  ],
  [
    'a port that two containers share, of which Kubernetes warns',
    redis({ ports: [3306] }),
    '[pod/it] template.containers[2].ports[0]: must be unique in its Pod, whose containers share one network namespace, and template.containers[1].ports[0] already has it; received 3306; make one of the two listen on another port (created at HERE); ' +
      'also [deployment/it] (created at HERE)',
  ],
  [
    'two containers of one name',
    redis({ name: 'mysql' }),
    both('containers[2].name', 'containers[2].name', 'Duplicate value: "mysql"'),
  ],
  [
    'a container in capitals',
    redis({ name: 'Redis' }),
    both('containers[2].name', 'containers[2].name', `Invalid value: "Redis": ${DNS_LABEL}`),
  ],
  [
    'a variable without a name',
    redis({ env: { A: '1', '': '2' } }),
    both('containers[2].env[1].name', 'containers[2].env[""]', 'Required value'),
  ],
  [
    'a variable that is no text, against the types',
    redis({ env: { PORT: 6379 } }),
    '[pod/it] Pod default/user-service: spec.containers[2].env[0].value (prop template.containers[2].env["PORT"]): Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string (created at HERE); ' +
      'also [deployment/it] Deployment default/user-service: spec.template.spec.containers[2].env[0].value (prop template.containers[2].env["PORT"]) (created at HERE)',
  ],
  [
    'a pull policy that there is not, against the types',
    redis({ imagePullPolicy: 'Sometimes' }),
    both(
      'containers[2].imagePullPolicy',
      'containers[2].imagePullPolicy',
      'Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ),
  ],
  ['no container', lesson({ containers: [] }), both('containers', 'containers', 'Required value')],
  [
    'an image in capitals',
    redis({ image: 'Redis:5.0' }),
    `[pod/it] template.containers[2].image: ${IMAGE} (created at HERE); also [deployment/it] (created at HERE)`,
  ],
  [
    'no image, which Kubernetes refuses too',
    redis({ image: '' }),
    `[pod/it] template.containers[2].image: ${IMAGE.replace('Redis:5.0', '')} (created at HERE); also [deployment/it] (created at HERE)`,
  ],
  [
    'two objects of one name',
    (app) => {
      deployment({})(app);
      new LessonPod(new Chart(app, 'again', { namespace: 'default' }), 'pod', LESSON);
    },
    '[again/pod] metadata.name: must be unique among objects of kind Pod in namespace default, and user-service/pod (created at HERE) already has it; received "user-service"; give one of them another name or namespace, or remove it (created at HERE)',
  ],
  [
    'one object of no namespace in charts of two',
    (app) => {
      for (const namespace of ['staging', 'production']) {
        const chart = new Chart(app, namespace, { namespace });
        new ApiObject(chart, 'role', {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: 'reader' },
        });
      }
    },
    '[production/role] metadata.name: must be unique among objects of kind ClusterRole, and staging/role already has it; received "reader"; give one of them another name, or remove it',
  ],
  [
    'a StatefulSet whose Service cannot be',
    (app) => {
      new LessonStatefulSet(new Chart(app, 'set'), 'it', { ...LESSON, serviceName: 'My Service' });
    },
    `[set/it] StatefulSet default/user-service: spec.serviceName: Invalid value: "My Service": ${DNS_LABEL} (created at HERE)`,
  ],
  [
    'Pods that their namespace does not admit',
    (app) => {
      const chart = new Chart(app, 'shop', { namespace: 'shop' });
      new ApiObject(chart, 'namespace', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
      });
      const labels = { app: 'web' };
      new ApiObject(chart, 'it', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { hostNetwork: true, containers: [{ name: 'web', image: 'web' }] },
          },
        },
      });
    },
    '[shop/it] Deployment shop/web: its Pods are refused: spec.template.spec.hostNetwork: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  ],
  [
    'a selector of a ReplicationController',
    (app) => {
      const selector = { matchLabels: { name: 'user service' } };
      new LessonReplicationController(new Chart(app, 'rc'), 'it', {
        ...LESSON,
        labels: { name: 'user' },
        selector,
      });
    },
    '[rc/it] ReplicationController default/user-service: spec.template.metadata.labels (prop template.labels): Invalid value: {"name":"user-service"}: `selector` does not match template `labels` (created at HERE)',
  ],
];

describe('one mistake is one line:', () => {
  it.each(MISTAKES)('%s', (_, define, message) => {
    expect(errorsOf(define)).toEqual([message]);
  });

  it('two mistakes of one kind are two', () => {
    expect(
      errorsOf(redis({ ports: [70_000, 80_000] })).map(
        (line) => /Invalid value: \d+/.exec(line)?.[0],
      ),
    ).toEqual(['Invalid value: 70000', 'Invalid value: 80000']);
  });
});
