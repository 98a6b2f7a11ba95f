import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readWorkloads, renameImages } from '../../commands/manifests';

const DIST = join(__dirname, '..', '..', 'dist');
const manifests = readdirSync(DIST)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(join(DIST, file), 'utf8'))
  .join('---\n');
const objects = (text: string): unknown[] =>
  parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as unknown);

describe('renaming images', () => {
  it('changes nothing where no image has another name', () => {
    expect(objects(renameImages(manifests, new Map([['nginx', 'r/nginx']])))).toEqual(
      objects(manifests),
    );
  });

  it('changes the image of each container of that name, and nothing else', () => {
    const renamed = renameImages(manifests, new Map([['redis:5.0', 'registry:5000/redis:5.0']]));
    expect(objects(renamed)).toEqual(
      objects(manifests.replaceAll('image: redis:5.0', 'image: registry:5000/redis:5.0')),
    );
    expect(renamed.match(/registry:5000/g)).toHaveLength(2);
  });

  it('finds the containers of a CronJob, and those that initialise', () => {
    const job = (image: string) =>
      JSON.stringify({
        kind: 'CronJob',
        metadata: { name: 'backup' },
        spec: {
          jobTemplate: {
            spec: { template: { spec: { initContainers: [{ name: 'wait', image }] } } },
          },
        },
      });
    expect(objects(renameImages(job('redis:5.0'), new Map([['redis:5.0', 'r/redis']])))).toEqual(
      objects(job('r/redis')),
    );
  });

  it('leaves objects that run nothing, and text that YAML 1.1 would read as another type', () => {
    const settings = '---\nkind: ConfigMap\ndata:\n  SWITCH: "on"\n  MODE: "0755"\n---\n';
    const renamed = renameImages(settings, new Map([['redis:5.0', 'r/redis']]));
    expect(objects(renamed)).toEqual(objects(settings));
    expect(objects(renamed)).toContainEqual({
      kind: 'ConfigMap',
      data: { SWITCH: 'on', MODE: '0755' },
    });
  });
});

describe('the workloads of dist', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'workloads-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are all objects that run containers, with the images of those that initialise, by environment', () => {
    const containers = [{ name: 'redis', image: 'redis:5.0' }];
    const pod = { kind: 'Pod', metadata: { name: 'bare' }, spec: { containers } };
    const template = { spec: { containers, initContainers: [{ name: 'wait', image: 'wait:1' }] } };
    const set = { kind: 'StatefulSet', metadata: { name: 'redis' }, spec: { template } };
    const job = {
      kind: 'CronJob',
      metadata: { name: 'backup' },
      spec: { jobTemplate: { spec: { template: { spec: { containers } } } } },
    };
    const documents = (...objects: object[]) =>
      objects.map((o) => JSON.stringify(o)).join('\n---\n');
    mkdirSync(join(folder, 'production'));
    writeFileSync(join(folder, 'notes.txt'), documents(pod));
    writeFileSync(join(folder, 'pod.yaml'), `---\n${documents({ kind: 'Service' }, pod)}\n---\n`);
    writeFileSync(join(folder, 'production', 'redis.yaml'), documents(set, job));
    const redis = ['redis', 'redis:5.0'] as const;
    expect(readWorkloads(folder)).toEqual([
      { file: 'pod.yaml', environment: '', kind: 'Pod', name: 'bare', images: new Map([redis]) },
      {
        file: 'production/redis.yaml',
        environment: 'production',
        kind: 'StatefulSet',
        name: 'redis',
        images: new Map([['wait', 'wait:1'], redis]),
      },
      {
        file: 'production/redis.yaml',
        environment: 'production',
        kind: 'CronJob',
        name: 'backup',
        images: new Map([redis]),
      },
    ]);
  });
});
