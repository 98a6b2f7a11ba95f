/** The definitions of the Gateway API: https://gateway-api.sigs.k8s.io. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { moduleFolder } from '../../go-programs';
import { runKubectl } from '../kubectl';
import type { Addon } from './addon';

const MODULE = { folder: 'gateway-api', of: 'sigs.k8s.io/gateway-api' };

export const gatewayApi: Addon = {
  apply: async () => {
    const folder = join(await moduleFolder(MODULE), 'config', 'crd', 'standard');
    const files = readdirSync(folder).filter((file) => file !== 'kustomization.yaml');
    const flags = files.map((file) => `--filename=${join(folder, file)}`);
    await runKubectl(['apply', '--server-side', ...flags]);
  },
  limitations: ['routes of the Gateway API are accepted and unserved: no controller runs'],
};
