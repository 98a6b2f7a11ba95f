/** `npx tsx examples/freight/main.ts`: writes the freight platform to the folder `freight` of examples/freight/dist. */
import { join } from 'node:path';
import { Environment, synthesize } from '../../lib';
import { freight } from './freight';

synthesize(
  (app) => {
    freight(
      new Environment(app, 'freight', { namespace: 'freight' }),
      'ghcr.io/stefanprodan/podinfo:6.9.2',
    );
  },
  { outdir: join(__dirname, 'dist') },
);
