import { composeFile } from '../../lib/lesson/compose';
import { userService } from '../../lib/lesson/user-service';

const lesson = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});

describe('the Compose file', () => {
  const { services } = composeFile(lesson);

  test("has the containers of the lesson's Pod, with their images and environment", () => {
    expect(
      Object.entries(services).map(([name, { image, environment }]) => ({
        name,
        image,
        env: environment,
      })),
    ).toEqual(lesson.template.containers.map(({ name, image, env }) => ({ name, image, env })));
  });

  test('puts them in one network namespace, as a Pod does, and publishes all of their ports', () => {
    const owners = Object.values(services).filter((service) => service.network_mode === undefined);
    expect(owners.map(({ ports }) => ports)).toEqual([['10086:10086', '3306:3306', '6379:6379']]);
    const joined = Object.values(services).flatMap(({ network_mode }) => network_mode ?? []);
    expect(joined).toEqual(['service:mysql', 'service:mysql']);
  });

  test('starts the service once its stores are healthy', () => {
    expect(services.user?.depends_on).toEqual({
      mysql: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
    });
  });

  test('is this file', () => {
    expect(composeFile(lesson)).toMatchSnapshot();
  });
});
