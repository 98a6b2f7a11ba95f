/** Flux' source-controller and kustomize-controller, which reconcile a Git repository: https://fluxcd.io. */
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FLUX, moduleFolder } from '../../go-programs';
import { runKubectl } from '../kubectl';
import { programImage } from '../program-images';
import type { Addon } from './addon';

const NAMESPACE = 'flux-system';
const CONTROLLERS = ['source-controller', 'kustomize-controller'] as const;

export const flux: Addon = {
  images: CONTROLLERS.map((program) => ({ module: FLUX, program })),
  deployments: CONTROLLERS.map((name) => ({ namespace: NAMESPACE, name })),
  apply: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flux-'));
    try {
      for (const name of CONTROLLERS) {
        const module = await moduleFolder({ folder: FLUX.folder, of: `github.com/fluxcd/${name}` });
        cpSync(join(module, 'config'), join(folder, name), { recursive: true });
        makeWritable(join(folder, name));
      }
      writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization()));
      await runKubectl(['apply', '--server-side', '--force-conflicts', `--kustomize=${folder}`]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The manifests that the controllers publish, in Flux' own namespace, with the images that are built here. */
function kustomization(): object {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: NAMESPACE,
    resources: CONTROLLERS.flatMap((name) => [
      ...['crd', 'rbac', 'manager'].map((part) => `${name}/${part}`),
      ...(name === 'source-controller' ? [`${name}/default/namespace.yaml`] : []),
    ]),
    images: CONTROLLERS.map((name) => {
      const image = programImage(FLUX, name).name;
      const colon = image.lastIndexOf(':');
      return {
        name: `fluxcd/${name}`,
        newName: image.slice(0, colon),
        newTag: image.slice(colon + 1),
      };
    }),
    patches: [
      {
        // Their own images name a user.
        target: { kind: 'Deployment' },
        patch: JSON.stringify([
          { op: 'add', path: '/spec/template/spec/securityContext/runAsUser', value: 65534 },
        ]),
      },
    ],
  };
}

/** What Go has downloaded is read-only, folders too: their copies could not be removed. */
function makeWritable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (statSync(path).isDirectory()) makeWritable(path);
  }
}
