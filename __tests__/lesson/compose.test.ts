import { composeFile, type LessonContainer, userService } from '../../lib';

const lesson = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});

describe('the Compose file', () => {
  it("has the containers of the lesson's Pod, with their images and environment", () => {
    const { services } = composeFile(lesson);
    expect(
      Object.entries(services).map(([name, { image, environment }]) => ({
        name,
        image,
        env: environment,
      })),
    ).toEqual(lesson.template.containers.map(({ name, image, env }) => ({ name, image, env })));
  });

  it('puts them in one network namespace, as a Pod does, and publishes all of their ports', () => {
    const { services } = composeFile(lesson);
    const owners = Object.values(services).filter((service) => service.network_mode === undefined);
    expect(owners.map(({ ports }) => ports)).toEqual([['10086:10086', '3306:3306', '6379:6379']]);
    const joined = Object.values(services).flatMap(({ network_mode }) => network_mode ?? []);
    expect(joined).toEqual(['service:mysql', 'service:mysql']);
  });

  it('starts the service once its stores are healthy', () => {
    expect(composeFile(lesson).services.user?.depends_on).toEqual({
      mysql: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
    });
  });

  it('has a container that was added once, to the lesson', () => {
    const proxy: LessonContainer = {
      name: 'proxy',
      image: 'proxy:1.0',
      ports: [8080],
      env: { PRICE: '$5' },
      healthCheck: ['sh', '-c', 'echo $PRICE'],
    };
    const { template } = lesson;
    const { services } = composeFile({
      ...lesson,
      template: { ...template, containers: [...template.containers, proxy] },
    });
    expect(services.proxy).toEqual({
      image: 'proxy:1.0',
      network_mode: 'service:mysql',
      // Compose's own variables begin with one `$`.
      environment: { PRICE: '$$5' },
      healthcheck: {
        test: ['CMD', 'sh', '-c', 'echo $$PRICE'],
        interval: '2s',
        timeout: '5s',
        retries: 60,
      },
    });
    expect(services.mysql?.ports).toContain('8080:8080');
    expect(services.user?.depends_on).toHaveProperty('proxy');
  });

  it('publishes nothing for a container that listens nowhere', () => {
    const worker: LessonContainer = { name: 'worker', image: 'worker', healthCheck: ['true'] };
    const { template } = lesson;
    const { services } = composeFile({
      ...lesson,
      template: { ...template, containers: [...template.containers, worker] },
    });
    expect(services.worker).not.toHaveProperty('ports');
    expect(services.mysql?.ports).toEqual(composeFile(lesson).services.mysql?.ports);
  });

  it('is this file', () => {
    expect(composeFile(lesson)).toMatchSnapshot();
  });
});
