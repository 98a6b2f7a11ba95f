import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freight } from '../../examples/freight/freight';
import { find, manifestsOf } from './manifests';

const source = readFileSync(
  join(__dirname, '..', '..', 'examples', 'freight', 'freight.ts'),
  'utf8',
);

it('takes at most ten lines for each further service', () => {
  const services = source.split(/^ {2}(?=(?:const \w+ = )?new Microservice\()/m).slice(1);
  expect(services).toHaveLength(4);
  for (const service of services) {
    const lines =
      service
        .split(/^ {2}}?\);$/m)[0]
        ?.trim()
        .split('\n') ?? [];
    expect(lines.length).toBeLessThanOrEqual(9);
  }
});

it('opens the paths of the platform, and no other between its services', () => {
  const manifests = manifestsOf((environment) => {
    freight(environment, 'ghcr.io/stefanprodan/podinfo:6.9.2');
  });
  const callersOf = (service: string) =>
    [
      ...JSON.stringify(find(manifests, 'NetworkPolicy', service).spec.ingress).matchAll(
        /"app.kubernetes.io\/name":"(\w+)"/g,
      ),
    ].map(([, caller]) => caller);
  expect(callersOf('routing')).toEqual(['booking']);
  expect(callersOf('tracking')).toEqual(['handling']);
  expect(callersOf('booking')).toEqual([]);
  expect(callersOf('handling')).toEqual([]);
});
