import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type UserService, userService } from '../../lib/lesson/user-service';
import { Deployment } from '../../lib/workload/deployment';
import { Pod } from '../../lib/workload/pod';
import { ReplicaSet } from '../../lib/workload/replica-set';
import { ReplicationController } from '../../lib/workload/replication-controller';
import { StatefulSet } from '../../lib/workload/stateful-set';
import { type Manifest, render } from '../render';

const lesson = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});

function ofTheLesson(file: string): unknown {
  return parse(readFileSync(join(__dirname, file), 'utf8'));
}

describe("the lesson's manifests", () => {
  test('the Pod has every field of user-service.yaml and no other', () => {
    const manifest = render((chart) => new Pod(chart, 'pod', lesson));
    expect(manifest).toStrictEqual(ofTheLesson('user-service.yaml'));
    expect(manifest).toMatchSnapshot();
  });

  test('the Deployment has every field of user-service-deployment.yaml and no other', () => {
    const manifest = render(
      (chart) => new Deployment(chart, 'deployment', { ...lesson, replicas: 3 }),
    );
    expect(manifest).toStrictEqual(ofTheLesson('user-service-deployment.yaml'));
    expect(manifest).toMatchSnapshot();
  });
});

/** The lesson's workload under each controller that the lesson names. */
const controllers: Record<string, (workload: UserService) => Manifest> = {
  Pod: (workload) => render((chart) => new Pod(chart, 'it', workload)),
  ReplicationController: (workload) =>
    render((chart) => new ReplicationController(chart, 'it', { ...workload, replicas: 3 })),
  ReplicaSet: (workload) =>
    render((chart) => new ReplicaSet(chart, 'it', { ...workload, replicas: 3 })),
  Deployment: (workload) =>
    render((chart) => new Deployment(chart, 'it', { ...workload, replicas: 3 })),
  StatefulSet: (workload) =>
    render(
      (chart) =>
        new StatefulSet(chart, 'it', { ...workload, replicas: 3, serviceName: 'user-service' }),
    ),
};

function podSpecOf(manifest: Manifest): unknown {
  const { template } = manifest.spec as { template?: { spec: unknown } };
  return template?.spec ?? manifest.spec;
}

describe.each(Object.entries(controllers))('the lesson under a %s', (kind, renderWith) => {
  test('is that kind, named user-service, with the Pod of the lesson', () => {
    const manifest = renderWith(lesson);
    expect(manifest.kind).toBe(kind);
    expect(manifest.metadata).toStrictEqual({
      name: 'user-service',
      labels: { name: 'user-service' },
    });
    expect(podSpecOf(manifest)).toStrictEqual((ofTheLesson('user-service.yaml') as Manifest).spec);
    expect(manifest).toMatchSnapshot();
  });

  test('has a container that was added once, to the template', () => {
    const { template } = lesson;
    const containers = [
      ...template.containers,
      { name: 'proxy', image: 'proxy:1.0', ports: [8080] },
    ];
    expect(
      podSpecOf(renderWith({ ...lesson, template: { ...template, containers } })),
    ).toHaveProperty('containers.3', {
      name: 'proxy',
      image: 'proxy:1.0',
      ports: [{ containerPort: 8080 }],
    });
  });
});
