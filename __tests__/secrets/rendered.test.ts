import { ApiObject } from 'cdk8s';
import { ConfigMap, Secret } from 'cdk8s-plus-27';
import { KubeCronJob, KubeDeployment } from '../../imports/k8s';
import { parseImageCatalog } from '../../lib';
import { errorsOf, withProps } from '../production/manifests';

/** Of the format of GitHub's, and nobody's; in two parts, or whoever looks for secrets here would find one. */
const TOKEN = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
const LOOKS_LIKE = 'received "40 characters that look like what secretlint calls GITHUB_TOKEN"';
const RULE = 'must hold no secret: manifests are in Git';

const labels = { app: 'tool' };
const podSpec = (container: object) => ({
  template: {
    metadata: { labels },
    spec: { containers: [{ name: 'tool', image: 'tool:1', ...container }] },
  },
});

describe('a secret that an author writes into an environment beside its services is refused', () => {
  it('in a ConfigMap', () => {
    expect(
      errorsOf((environment) => {
        new ConfigMap(environment.chart('tool'), 'settings', {
          metadata: { name: 'settings' },
          data: { 'app.ini': `[api]\nkey = ${TOKEN}`, 'log.level': 'info' },
        });
      }),
    ).toEqual([
      expect.stringContaining(`[test-environment] ConfigMap settings: data.app.ini: ${RULE};`),
    ]);
  });

  it.each<[string, object]>([
    ['env.GITHUB', { env: [{ name: 'GITHUB', value: TOKEN }] }],
    ['env.DB_PASSWORD', { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }],
    ['args[0]', { args: [`--token=${TOKEN}`] }],
    ['command[1]', { command: ['curl', `https://x:${TOKEN}@github.com`] }],
    ['image', { image: `tool:${TOKEN}` }],
  ])('in the container of a Deployment: %s', (field, container) => {
    const errors = errorsOf((environment) => {
      new KubeDeployment(environment.chart('tool'), 'deployment', {
        metadata: { name: 'tool' },
        spec: { selector: { matchLabels: labels }, ...podSpec(container) },
      });
    }).filter((error) => error.includes(RULE));
    expect(errors).toEqual([
      expect.stringContaining(`[test-environment] Deployment tool: tool ${field}: ${RULE}`),
    ]);
    expect(errors[0]).not.toMatch(/hunter2|ghp_/);
  });

  it('in an init container of a CronJob', () => {
    const errors = errorsOf((environment) => {
      const { template } = podSpec({});
      new KubeCronJob(environment.chart('tool'), 'cron', {
        metadata: { name: 'tool' },
        spec: {
          schedule: '0 0 * * *',
          jobTemplate: {
            spec: {
              template: {
                ...template,
                spec: {
                  ...template.spec,
                  initContainers: [{ name: 'first', image: 'tool:1', args: [TOKEN] }],
                },
              },
            },
          },
        },
      });
    });
    expect(errors).toContainEqual(
      expect.stringContaining(`CronJob tool: first args[0]: ${RULE}; ${LOOKS_LIKE}`),
    );
  });

  it('as a Secret', () => {
    const errors = errorsOf((environment) => {
      new Secret(environment.chart('tool'), 'secret', {
        metadata: { name: 'token' },
        stringData: { token: TOKEN },
      });
    });
    expect(errors).toEqual([
      expect.stringContaining('[test-environment] Secret token: kind: must not be written'),
    ]);
  });

  it('but nothing else is', () => {
    expect(
      errorsOf((environment) => {
        const chart = environment.chart('tool');
        new ConfigMap(chart, 'settings', {
          metadata: { name: 'settings' },
          data: { TOKEN_FILE: '/etc/secrets/tool/token', REVISION: 'a1b2c3d4'.repeat(5) },
        });
        new ApiObject(chart, 'account', {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'tool' },
        });
      }),
    ).toEqual([]);
  });
});

it('a secret in an image reference is refused, in props and in the catalog', () => {
  const received = 'received "45 characters that look like what secretlint calls GITHUB_TOKEN"';
  const image = `user:${TOKEN}`;
  expect(errorsOf(withProps({ image }))).toEqual([
    expect.stringContaining(`[test-environment/user] image: ${RULE}; ${received}`),
  ]);
  expect(() => parseImageCatalog('images.json', `{\n  "user": "${image}"\n}`)).toThrow(
    `[images.json:2] user: ${RULE}; ${received}`,
  );
});
