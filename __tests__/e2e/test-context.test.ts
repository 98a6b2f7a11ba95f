import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { containersIn } from '../../commands/manifests';
import { ROOT } from '../../e2e/harness/root';
import { TestContext } from '../../e2e/harness/test-context';
import { IMAGES, RESTIC } from '../../e2e/system/names';
import { clusterThat } from './cluster';

it('gives each container of production the name that its image has in the cluster', () => {
  const names = [...Object.values(IMAGES), RESTIC];
  const context = new TestContext({
    cluster: clusterThat({}),
    namespace: 'here',
    images: new Map(names.map((name) => [name, `registry:5000/${name}`])),
    scratch: '/nowhere',
    timeout: 1,
  });
  const images = readdirSync(join(ROOT, 'dist/production'))
    .flatMap((file) => context.manifests(`dist/production/${file}`))
    .flatMap((manifest) => containersIn(manifest))
    .map(({ image }) => image);
  expect(new Set(images)).toEqual(
    new Set(
      [IMAGES.user, IMAGES.mysql, IMAGES.redis, RESTIC].map((name) => `registry:5000/${name}`),
    ),
  );
});
