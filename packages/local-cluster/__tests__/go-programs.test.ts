import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  KUBE_ROUTER,
  KUBERNETES,
  LOCAL_PATH_PROVISIONER,
  METRICS_SERVER,
  packagesOf,
  PROGRAMS,
  PROMETHEUS,
  programsFolder,
  requiredVersion,
  toolsOf,
} from '../go-programs';
import { cacheFolder } from '../cache-folder';

const goMod = (folder: string) => readFileSync(join(__dirname, '../go', folder, 'go.mod'), 'utf8');

describe('toolsOf', () => {
  it('reads blocks and single lines, and no comments', () => {
    const text =
      'module m\n\ntool a.example/one\n\ntool (\n\tb.example/two // kept\n\n\tc.example/three\n)\n';
    expect(toolsOf(text)).toEqual(['b.example/two', 'c.example/three', 'a.example/one']);
  });

  it('finds the programs of Kubernetes and of the provisioner', () => {
    const names = [KUBERNETES, LOCAL_PATH_PROVISIONER]
      .flatMap(({ folder }) => toolsOf(goMod(folder)))
      .map((path) => path.split('/').at(-1));
    expect(names).toEqual([
      'kube-apiserver',
      'kube-controller-manager',
      'kube-proxy',
      'kube-scheduler',
      'kubectl',
      'kubelet',
      'local-path-provisioner',
    ]);
  });
});

it('every module of Kubernetes is replaced by the release that belongs to its version', () => {
  const release = requiredVersion(KUBERNETES).replace(/^v1\./, 'v0.');
  const replaced = [
    ...goMod('kubernetes').matchAll(/^\tk8s\.io\/(\S+) => k8s\.io\/(\S+) (\S+)$/gm),
  ];
  expect(replaced.length).toBeGreaterThan(25);
  for (const [, from, to, version] of replaced) expect([from, version]).toEqual([to, release]);
});

it.each([KUBE_ROUTER, METRICS_SERVER, LOCAL_PATH_PROVISIONER])(
  '$folder calls the API server by the client of its version',
  ({ folder }) => {
    const release = requiredVersion(KUBERNETES).replace(/^v1\./, 'v0.');
    expect(requiredVersion({ folder, of: 'k8s.io/client-go' })).toBe(release);
  },
);

it.each(Object.entries(PROGRAMS))('%s is built alone', (name, module) => {
  expect(packagesOf(module).map((path) => path.split('/').at(-1))).toEqual([name]);
});

it('programs of one module are cached apart, where they are built apart', () => {
  expect(programsFolder(PROGRAMS.promtool)).not.toBe(programsFolder(PROMETHEUS));
});

it('programs are cached by version, outside of the repository', () => {
  const folder = programsFolder(KUBERNETES);
  expect(folder).toContain(`${cacheFolder()}/kubernetes-${requiredVersion(KUBERNETES)}-`);
  expect(folder.startsWith(join(__dirname, '../../..'))).toBe(false);
});
