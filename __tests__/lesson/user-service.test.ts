import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  LessonDeployment,
  LessonPod,
  type LessonPodProps,
  LessonReplicaSet,
  LessonReplicationController,
  LessonStatefulSet,
  type UserService,
  userService,
} from '../../lib';
import { type Manifest, render } from '../render';

const lesson = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});

function ofTheLesson(file: string): unknown {
  return parse(readFileSync(join(__dirname, file), 'utf8'));
}

describe("the lesson's manifests", () => {
  it('the Pod has every field of user-service.yaml and no other', () => {
    const manifest = render((chart) => new LessonPod(chart, 'pod', lesson));
    expect(manifest).toStrictEqual(ofTheLesson('user-service.yaml'));
  });

  it('the Deployment has every field of user-service-deployment.yaml and no other', () => {
    const manifest = render(
      (chart) => new LessonDeployment(chart, 'deployment', { ...lesson, replicas: 3 }),
    );
    expect(manifest).toStrictEqual(ofTheLesson('user-service-deployment.yaml'));
  });
});

type Workload = Pick<UserService, 'selector'> & LessonPodProps;

/** The lesson's workload under each controller that the lesson names. */
const controllers: Record<string, (workload: Workload) => Manifest> = {
  Pod: (workload) => render((chart) => new LessonPod(chart, 'it', workload)),
  ReplicationController: (workload) =>
    render((chart) => new LessonReplicationController(chart, 'it', { ...workload, replicas: 3 })),
  ReplicaSet: (workload) =>
    render((chart) => new LessonReplicaSet(chart, 'it', { ...workload, replicas: 3 })),
  Deployment: (workload) =>
    render((chart) => new LessonDeployment(chart, 'it', { ...workload, replicas: 3 })),
  StatefulSet: (workload) =>
    render(
      (chart) =>
        new LessonStatefulSet(chart, 'it', {
          ...workload,
          replicas: 3,
          serviceName: 'user-service',
        }),
    ),
};

function podSpecOf(manifest: Manifest): unknown {
  const { template } = manifest.spec as { template?: { spec: unknown } };
  return template?.spec ?? manifest.spec;
}

describe.each(Object.entries(controllers))('the lesson under a %s', (kind, renderWith) => {
  it('is that kind, named user-service, with the Pod of the lesson', () => {
    const manifest = renderWith(lesson);
    expect(manifest.kind).toBe(kind);
    expect(manifest.metadata).toStrictEqual({
      name: 'user-service',
      labels: { name: 'user-service' },
    });
    expect(podSpecOf(manifest)).toStrictEqual((ofTheLesson('user-service.yaml') as Manifest).spec);
  });

  it('has a container that was added once, to the template', () => {
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
