/** `npx tsx examples/freight/main.ts`: writes the freight platform to the folder `freight` of examples/freight/dist. */
import { join } from 'node:path';
import { App, Environment } from '../../lib';
import { freight } from './freight';

const app = new App({ outdir: join(__dirname, 'dist'), judge: {} });
freight(
  new Environment(app, 'freight', { namespace: 'freight' }),
  'ghcr.io/stefanprodan/podinfo:6.9.2',
);
app.synth();
