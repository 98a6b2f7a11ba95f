import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compareOutputs, type FileChange, filesBelow, replaceOutputs } from './outputs';
import { CommandError } from './command';
import { committedDist } from './committed';
import { earlierConfiguration } from './earlier-configuration';
import { irreversibleChanges } from './irreversible';

/** The one file that names every image, from the root of the repository. */
export const IMAGE_CATALOG = 'images.json';

/** kube-verdict's note when it met no unknown kinds but these, which tests hold to their projects' own definitions. */
const OTHER_PROJECTS =
  /^not judged: \d+ (external-secrets\.io|gateway\.networking\.k8s\.io|monitoring\.coreos\.com)\/v1 \w+(, \d+ (external-secrets\.io|gateway\.networking\.k8s\.io|monitoring\.coreos\.com)\/v1 \w+)*\n/m;

/** Everything that the app generates, made and checked, but not yet in place. */
export interface StagedSynthesis {
  /** Folder that holds what is to be `dist`. */
  readonly dist: string;
  /** What putting them in place would change. */
  readonly changes: readonly FileChange[];
  /** Puts them in place. */
  readonly replace: () => void;
}

export interface SynthesisOptions {
  /** Text of a new image catalog, to synthesize with and to put in place together with the rest. */
  readonly imageCatalog?: string;
  /** Objects, as `[ENVIRONMENT/]KIND/NAME`, whose irreversible changes are accepted. */
  readonly acceptIrreversible?: readonly string[];
}

/**
 * Runs the app into a staging folder and type-checks it at the same time, then hands the result to `use`. Nothing
 * in the repository changes unless `use` calls `replace`.
 *
 * @param root root of the repository
 * @throws {CommandError} if the app fails, is refused, has type errors or writes nothing, or changes an environment in a
 * way that cannot be applied or undone
 */
export async function stageSynthesis<T>(
  root: string,
  use: (staged: StagedSynthesis) => T,
  { imageCatalog, acceptIrreversible = [] }: SynthesisOptions = {},
): Promise<T> {
  const stage = mkdtempSync(join(root, '.synth-'));
  const abandon = () => {
    rmSync(stage, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  try {
    if (imageCatalog !== undefined) writeFileSync(join(stage, IMAGE_CATALOG), imageCatalog);
    const dist = join(stage, 'dist');
    const composeFile = join(stage, 'services', 'compose.yaml');
    mkdirSync(dirname(composeFile));
    const outcomes = await Promise.all([
      run(root, ['--import', 'tsx', 'main.ts'], {
        CDK8S_OUTDIR: dist,
        COMPOSE_FILE: composeFile,
        ...(imageCatalog !== undefined && { IMAGE_CATALOG: join(stage, IMAGE_CATALOG) }),
      }),
      run(
        root,
        [join('node_modules', 'typescript', 'bin', 'tsc'), '--project', 'tsconfig.main.json'],
        {},
      ),
    ]);
    const errors = outcomes.flatMap(({ failed, output }) => (failed ? [output.trimEnd()] : []));
    if (errors.length > 0) throw new CommandError(`${errors.join('\n')}\ndist is as it was.`);
    process.stderr.write(outcomes.map(({ output }) => output.replace(OTHER_PROJECTS, '')).join(''));
    if (filesBelow(dist).length === 0) {
      throw new CommandError(
        'main.ts wrote no manifest: does it call synthesize() with a chart? dist is as it was.',
      );
    }
    await addWhatWasCommitted(root, dist, acceptIrreversible);
    const changes = compareOutputs(root, stage);
    return use({
      dist,
      changes,
      replace: () => {
        replaceOutputs(root, stage, changes);
      },
    });
  } finally {
    abandon();
    process.removeListener('exit', abandon);
  }
}

/**
 * Holds a new `dist` against the committed one: adds the configuration that rollbacks look for.
 *
 * @throws {CommandError} for irreversible changes that are not accepted
 */
async function addWhatWasCommitted(
  root: string,
  dist: string,
  accepted: readonly string[],
): Promise<void> {
  const committed = committedDist(root);
  const staged = new Map(
    filesBelow(dist).map((file) => [file, readFileSync(join(dist, file), 'utf8')]),
  );
  const irreversible = await irreversibleChanges(committed, staged);
  const matches = (name: string, object: string) => object === name || object.endsWith(`/${name}`);
  const unneeded = accepted.filter(
    (name) => !irreversible.some(({ object }) => matches(name, object)),
  );
  if (unneeded.length > 0)
    throw new CommandError(
      `--accept-irreversible ${unneeded.join(', ')}: nothing irreversible happens to it; there is ${irreversible.map(({ object }) => object).join(', ') || 'nothing'}\ndist is as it was.`,
    );
  const refused = irreversible.filter(
    ({ object }) => !accepted.some((name) => matches(name, object)),
  );
  if (refused.length > 0)
    throw new CommandError(
      `${refused
        .map(
          ({ object, reasons, way }) =>
            `${object}: irreversible\n${reasons.map((reason) => `  ${reason}`).join('\n')}\n  ${way}\n  Then: npm run synth -- --accept-irreversible ${object}`,
        )
        .join('\n')}\ndist is as it was.`,
    );
  for (const [file, text] of earlierConfiguration(committed, staged))
    writeFileSync(join(dist, file), text);
}

/** `created dist/user-service.k8s.yaml`, a line each. */
export function describeChanges(changes: readonly FileChange[]): string {
  return changes.map(({ kind, file }) => `${kind} ${file}`).join('\n');
}

interface Outcome {
  readonly failed: boolean;
  /** What the process printed, errors and all. */
  readonly output: string;
}

function run(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = () => child.kill();
    process.once('exit', end);
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.removeListener('exit', end);
      const ending = signal === null ? '' : `${args.join(' ')} was ended by ${signal}\n`;
      resolve({ failed: code !== 0, output: Buffer.concat(output).toString() + ending });
    });
  });
}
