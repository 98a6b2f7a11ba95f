import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { renameImages } from '../../commands/manifests';

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
});
