import { ValidationError } from '../../lib';
import { CommandError, UsageError } from '../../commands/command';
import {
  changeImages,
  describeImageChange,
  parseImageChange,
  validateObject,
} from '../../commands/image-change';
import type { Workload } from '../../commands/manifests';

const CATALOG =
  '{\n  "user": "user",\n  "redis": "redis:5.0",\n  "production/redis": "redis:7.4"\n}\n';

function workload(file: string, kind: string, images: Record<string, string>): Workload {
  const [environment = ''] = file.includes('/') ? file.split('/') : [];
  const name = kind === 'StatefulSet' ? 'redis' : 'user-service';
  return { file, environment, kind, name, images: new Map(Object.entries(images)) };
}
/** What is to be in dist once redis is redis:6.0 in the lesson, and redis:8.0 in production. */
const WORKLOADS = [
  workload('user-service.k8s.yaml', 'Pod', { user: 'user', redis: 'redis:6.0' }),
  workload('user-service-deployment.k8s.yaml', 'Deployment', { user: 'user', redis: 'redis:6.0' }),
  workload('production/redis.k8s.yaml', 'StatefulSet', { redis: 'redis:8.0', exporter: 'other' }),
];

/** All that set-image does but for the synthesis: the new catalog, and what is printed. */
function setImage(...positionals: string[]): { catalog: string; printed: string[] } {
  const request = parseImageChange(positionals);
  const change = changeImages('images.json', CATALOG, request);
  validateObject(request, WORKLOADS);
  return { catalog: change.catalog, printed: describeImageChange(request, change, WORKLOADS) };
}

describe('set-image', () => {
  it("changes the lesson's image, and nothing of another environment", () => {
    expect(setImage('redis=redis:6.0')).toEqual({
      catalog: CATALOG.replace('redis:5.0', 'redis:6.0'),
      printed: [
        'redis: redis:5.0 → redis:6.0',
        '  in Pod/user-service, dist/user-service.k8s.yaml',
        '  in Deployment/user-service, dist/user-service-deployment.k8s.yaml',
      ],
    });
  });

  it.each(['production/statefulset/redis redis', 'production/redis'])(
    'changes an image of production alone, as %s',
    (reference) => {
      expect(setImage(...`${reference}=redis:8.0`.split(' '))).toEqual({
        catalog: CATALOG.replace('redis:7.4', 'redis:8.0'),
        printed: [
          'production/redis: redis:7.4 → redis:8.0',
          '  in production/StatefulSet/redis, dist/production/redis.k8s.yaml',
        ],
      });
    },
  );

  it.each([
    'deployment/user-service',
    'Deployments.apps/user-service',
    'deploy/user-service',
    'pod/user-service',
    'po/user-service',
  ])('takes %s in front, and says that the catalog is shared', (object) => {
    const { catalog, printed } = setImage(object, 'redis=redis:6.0');
    expect(catalog).toBe(CATALOG.replace('redis:5.0', 'redis:6.0'));
    expect(printed.at(-1)).toBe(
      `The catalog is shared: every manifest that uses the image changes, not only ${object}.`,
    );
  });

  it.each([
    [
      CommandError,
      ['rediss=redis:6.0'],
      'rediss: no such container in images.json; there are user, redis, production/redis\nNothing was changed.',
    ],
    [
      CommandError,
      ['redis=redis:6.0', 'user=User'],
      'user: must be an image reference, [registry/]path[:tag][@digest]; received "User";',
    ],
    [CommandError, ['redis='], 'redis: must be an image reference'],
    [
      CommandError,
      ['deployment/shop', 'redis=redis:6.0'],
      'deployment/shop: no such object; there are Pod/user-service, Deployment/user-service, production/StatefulSet/redis\nNothing was changed.',
    ],
    [
      CommandError,
      ['daemonset/user-service', 'redis=redis:6.0'],
      'daemonset/user-service: no such object',
    ],
    [CommandError, ['statefulset/redis', 'redis=redis:6.0'], 'statefulset/redis: no such object'],
    [
      CommandError,
      ['production/sts/redis', 'user=user:2'],
      'production/user: no such container in images.json',
    ],
    [
      CommandError,
      ['pod/user-service', 'production/redis=redis:8.0', 'user=user'],
      'pod/user-service: its container redis runs redis:6.0, which is not the image production/redis of the catalog\nNothing was changed.',
    ],
    [UsageError, ['redis'], 'redis: not of the form CONTAINER=IMAGE'],
    [UsageError, ['=redis'], '=redis: not of the form CONTAINER=IMAGE'],
    [UsageError, ['redis=redis:6.0', 'redis=redis:7.0'], 'redis: given twice'],
    [UsageError, ['deployment/user-service'], 'no CONTAINER=IMAGE given'],
    [UsageError, [], 'no CONTAINER=IMAGE given'],
  ])('ends with a %p for %j', (type, args, message) => {
    let error: unknown;
    try {
      setImage(...args);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message.startsWith(message)).toBe(true);
  });

  it('does not take a container that the object lacks, and lists those that it has', () => {
    const request = parseImageChange(['pod/user-service', 'redis=redis:6.0', 'user=user:2']);
    const pods = [workload('user-service.k8s.yaml', 'Pod', { user: 'user:2', mysql: 'mysql' })];
    expect(() => {
      validateObject(request, pods);
    }).toThrow('pod/user-service has no container redis; it has user, mysql\nNothing was changed.');
  });

  it('changes nothing for the image that is there already', () => {
    const request = parseImageChange(['redis=redis:5.0']);
    expect(changeImages('images.json', CATALOG, request)).toEqual({
      catalog: CATALOG,
      changed: [],
    });
  });

  it('does not take a catalog in which a use is given twice', () => {
    const catalog = CATALOG.replace('"user": "user"', '"redis": "redis:4.0"');
    expect(() =>
      changeImages('images.json', catalog, parseImageChange(['redis=redis:6.0'])),
    ).toThrow(ValidationError);
  });
});
