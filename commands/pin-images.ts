/**
 * `npm run images -- pin [USE…]`: asks the registries which image each tag of the catalog names today, writes its digest
 * behind the tag, and synthesizes again.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseImageCatalog, parseImageReference, replaceImage } from '../lib';
import { CommandError, parseArguments, runCommand, UsageError } from './command';
import { IMAGE_CATALOG, stageSynthesis } from './synthesis';

const USAGE = 'npm run images -- pin [ENVIRONMENT/CONTAINER…]';
/** Finds the credentials that `docker login` keeps, and takes a registry on loopback without TLS. */
const CRANE = 'github.com/google/go-containerregistry/cmd/crane@v0.22.1';

runCommand(async (argv) => {
  const { positionals } = parseArguments(argv, {
    usage: USAGE,
    options: {},
    allowPositionals: true,
  });
  const [verb, ...only] = positionals;
  if (verb !== 'pin')
    throw new UsageError(
      `${verb === undefined ? 'no command given' : `${verb}: no such command`}; there is pin\nusage: ${USAGE}`,
    );
  const before = readFileSync(IMAGE_CATALOG, 'utf8');
  const catalog = parseImageCatalog(IMAGE_CATALOG, before);
  // The lesson's own images are exact to the letter.
  const uses = Object.keys(catalog).filter((use) => use.includes('/'));
  const unknown = only.filter((use) => !uses.includes(use));
  if (unknown.length > 0)
    throw new CommandError(
      `${unknown.join(', ')}: not in ${IMAGE_CATALOG}; there are ${uses.join(', ')}`,
    );

  const pins = uses
    .filter((use) => only.length === 0 || only.includes(use))
    .map((use) => ({ use, image: catalog[use] ?? '', ...pin(catalog[use] ?? '') }));
  const failed = pins.filter(({ error }) => error !== undefined);
  if (failed.length > 0)
    throw new CommandError(
      `${failed.map(({ use, image, error = '' }) => `${use}: ${image}: ${error}`).join('\n')}\nNothing was changed.`,
    );
  const changed = pins.filter(({ image, pinned }) => pinned !== image);
  if (changed.length === 0) {
    console.log(`${pins.length} images are pinned to what their tags name today`);
    return;
  }
  await stageSynthesis(
    process.cwd(),
    async ({ summary, replace }) => {
      await replace();
      for (const { use, pinned } of changed) console.log(`${use}: ${pinned}`);
      console.log(summary);
    },
    {
      imageCatalog: changed.reduce(
        (text, { use, pinned }) => replaceImage(text, use, pinned),
        before,
      ),
    },
  );
});

/** An image by its tag and the digest that its registry gives for it. */
function pin(image: string): { readonly pinned: string; readonly error?: string } {
  const { tag, digest } = parseImageReference(image) ?? {};
  if (tag === undefined)
    return digest === undefined
      ? { pinned: image, error: 'has no tag; name the version that is meant' }
      : { pinned: image };
  const tagged = image.split('@')[0] ?? image;
  const { status, stdout, stderr, error } = spawnSync('go', ['run', CRANE, 'digest', tagged], {
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '' },
  });
  if (error !== undefined) return { pinned: image, error: `go cannot be run: ${error.message}` };
  const found = stdout.trim();
  if (status !== 0 || !/^sha256:[a-f0-9]{64}$/.test(found))
    return { pinned: image, error: lastLine(stderr) };
  return { pinned: `${tagged}@${found}` };
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('exit status'));
  return lines.at(-1) ?? 'the registry gave no digest';
}
