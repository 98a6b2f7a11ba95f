/**
 * `npm run set-image -- [[ENVIRONMENT/]KIND/NAME] CONTAINER=IMAGE…`: changes images in the catalog and synthesizes again.
 *
 * The catalog is shared, so every manifest that uses an image changes. The object in front, which `kubectl set image`
 * takes in this place, only makes sure that it exists and has those containers.
 */
import { readFileSync } from 'node:fs';
import { ValidationError } from '../lib';
import { CommandError, parseArguments, runCommand, UsageError } from './command';
import {
  changeImages,
  describeImageChange,
  parseImageChange,
  validateObject,
} from './image-change';
import { readWorkloads } from './manifests';
import { describeChange, IMAGE_CATALOG, stageSynthesis } from './synthesis';

const USAGE = 'npm run set-image -- [[ENVIRONMENT/]KIND/NAME] CONTAINER=IMAGE…';

runCommand(async (argv) => {
  const { positionals } = parseArguments(argv, {
    usage: USAGE,
    options: {},
    allowPositionals: true,
  });
  const request = inUserTerms(() => parseImageChange(positionals));
  const before = readFileSync(IMAGE_CATALOG, 'utf8');
  const change = inUserTerms(() => changeImages(IMAGE_CATALOG, before, request));

  await stageSynthesis(
    process.cwd(),
    async ({ dist, changes, replace }) => {
      const workloads = readWorkloads(dist);
      validateObject(request, workloads);
      if (change.changed.length === 0) {
        const images = request.images.map(({ use, image }) => `${use}=${image}`);
        console.log(`unchanged: ${images.join(' ')}`);
        return;
      }
      if (readFileSync(IMAGE_CATALOG, 'utf8') !== before) {
        throw new CommandError(
          `${IMAGE_CATALOG} was changed meanwhile, and is left as it is now. Run the command again.`,
        );
      }
      await replace();
      console.log(describeImageChange(request, change, workloads).join('\n'));
      console.log(changes.map(describeChange).join('\n'));
    },
    { imageCatalog: change.catalog },
  );
});

function inUserTerms<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${error.message}\nusage: ${USAGE}`);
    if (error instanceof ValidationError) throw new CommandError(error.message);
    throw error;
  }
}
