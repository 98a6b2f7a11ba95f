import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeSynthesis, type Synthesis } from '../lib';
import { CommandError } from './command';
import { committedDist } from './committed';
import { earlierConfiguration } from './earlier-configuration';
import { type IrreversibleChange, irreversibleChanges } from './irreversible';
import { compareOutputs, expectDist, type FileChange, filesBelow, replaceOutputs } from './outputs';

/** The one file that names every image, from the root of the repository. */
export const IMAGE_CATALOG = 'images.json';

/** Everything that the app generates, made and checked, but not yet in place. */
export interface StagedSynthesis {
  /** Folder that holds what is to be `dist`. */
  readonly dist: string;
  /** What putting them in place would change. */
  readonly changes: readonly FileChange[];
  /** What there is, and what changes: a line for each file, and one for all. */
  readonly summary: string;
  /** What could not be undone, or not be applied, and was accepted. */
  readonly irreversible: readonly IrreversibleChange[];
  /** Puts them in place. */
  readonly replace: () => Promise<void>;
}

export interface SynthesisOptions {
  /** Text of a new image catalog, to synthesize with and to put in place together with the rest. */
  readonly imageCatalog?: string;
  /** Objects, as `[ENVIRONMENT/]KIND/NAME`, whose irreversible changes are accepted; `all` for one that changes nothing. */
  readonly acceptIrreversible?: readonly string[] | 'all';
}

/**
 * Runs the app into a staging folder and type-checks it at the same time, then hands the result to `use`. Nothing in
 * the repository changes unless `use` calls `replace`.
 *
 * @param root root of the repository
 * @throws {CommandError} if the app fails, is not valid, has type errors or writes nothing, changes an environment in a
 * way that cannot be applied or undone, or a file cannot be written; all is as it was then
 */
export async function stageSynthesis<T>(
  root: string,
  use: (staged: StagedSynthesis) => Promise<T> | T,
  { imageCatalog, acceptIrreversible = [] }: SynthesisOptions = {},
): Promise<T> {
  let stage: string | undefined;
  const abandon = () => {
    if (stage !== undefined) rmSync(stage, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  try {
    const staged = await distIsKept(async () => {
      stage = mkdtempSync(join(root, '.synth-'));
      const synthesis = await runApp(root, stage, imageCatalog);
      const dist = join(stage, 'dist');
      if (filesBelow(dist).length === 0) {
        throw new CommandError(
          'main.ts wrote no manifest: does it call synthesize() with a chart?',
        );
      }
      expectDist(root);
      const irreversible = await addWhatWasCommitted(root, dist, acceptIrreversible);
      return stagedSynthesis(root, stage, synthesis, irreversible);
    });
    return await use(staged);
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
  accepted: readonly string[] | 'all',
): Promise<IrreversibleChange[]> {
  const committed = committedDist(root);
  const staged = new Map(
    filesBelow(dist).map((file) => [file, readFileSync(join(dist, file), 'utf8')]),
  );
  const irreversible = await irreversibleChanges(committed, staged);
  const matches = (name: string, object: string) => object === name || object.endsWith(`/${name}`);
  const named = accepted === 'all' ? irreversible.map(({ object }) => object) : accepted;
  const unneeded = named.filter(
    (name) => !irreversible.some(({ object }) => matches(name, object)),
  );
  if (unneeded.length > 0)
    throw new CommandError(
      `--accept-irreversible ${unneeded.join(', ')}: nothing irreversible happens to it; ${irreversible.length > 0 ? `there is ${irreversible.map(({ object }) => object).join(', ')}` : 'the whole change can be undone'}`,
    );
  const refused = irreversible.filter(({ object }) => !named.some((name) => matches(name, object)));
  if (refused.length > 0)
    throw new CommandError(
      refused
        .map(
          ({ object, reasons, way }) =>
            `${object}: irreversible\n${reasons.map((reason) => `  ${reason}`).join('\n')}\n  ${way}\n  Then: npm run synth -- --accept-irreversible ${object}`,
        )
        .join('\n'),
    );
  for (const [file, text] of earlierConfiguration(committed, staged))
    writeFileSync(join(dist, file), text);
  return irreversible;
}

/** Says of errors that a user can act on, those of the file system included, that dist is as it was. */
async function distIsKept<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isExpected =
      error instanceof CommandError || (error instanceof Error && 'syscall' in error);
    if (!isExpected) throw error;
    throw new CommandError(`${error.message}\ndist is as it was.`, { cause: error });
  }
}

function stagedSynthesis(
  root: string,
  stage: string,
  synthesis: Synthesis | undefined,
  irreversible: readonly IrreversibleChange[],
): StagedSynthesis {
  const changes = compareOutputs(root, stage);
  return {
    dist: join(stage, 'dist'),
    changes,
    irreversible,
    summary: [
      ...changes.map(describeChange),
      [...(synthesis ? [describeSynthesis(synthesis)] : []), countChanges(changes)].join('; '),
    ].join('\n'),
    replace: () =>
      distIsKept(() => {
        replaceOutputs(root, stage, changes);
      }),
  };
}

/** `created dist/user-service.k8s.yaml`. */
export function describeChange({ kind, file }: FileChange): string {
  return `${kind} ${file}`;
}

/** `1 created, 2 changed`. */
function countChanges(changes: readonly FileChange[]): string {
  const counts = (['created', 'changed', 'removed'] as const).flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return counts.length === 0 ? 'unchanged' : counts.join(', ');
}

/** Runs main.ts, and the compiler over it. @returns what it says that it has written */
async function runApp(
  root: string,
  stage: string,
  imageCatalog: string | undefined,
): Promise<Synthesis | undefined> {
  const composeFile = join(stage, 'services', 'compose.yaml');
  mkdirSync(dirname(composeFile));
  if (imageCatalog !== undefined) writeFileSync(join(stage, IMAGE_CATALOG), imageCatalog);
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  const [app, types] = await Promise.all([
    run(root, ['--import', 'tsx', 'main.ts'], {
      CDK8S_OUTDIR: join(stage, 'dist'),
      COMPOSE_FILE: composeFile,
      ...(imageCatalog !== undefined && { IMAGE_CATALOG: join(stage, IMAGE_CATALOG) }),
    }),
    run(root, [tsc, '--project', 'tsconfig.main.json'], {}),
  ]);
  // An app ends with 1 that has said why. One of wrong types often says the same mistake again: once is enough.
  const isTold = app.code === 0 || (app.code === 1 && app.output !== '');
  const reasons = [
    ...(types.code === 0 ? [] : [types.output || `tsc ${ending(types)}`]),
    ...(app.code === 0 || (types.code !== 0 && isTold) ? [] : [app.output]),
    ...(isTold ? [] : [`main.ts ${ending(app)}`]),
  ].filter(Boolean);
  if (reasons.length > 0) throw new CommandError(reasons.join('\n'));
  if (app.output !== '') console.error(app.output);
  return app.synthesis;
}

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  /** What the process printed, errors and all. */
  readonly output: string;
  /** What it sent. */
  readonly synthesis: Synthesis | undefined;
}

function ending({ code, signal }: Outcome): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

function run(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const end = () => child.kill();
    process.once('exit', end);
    const output: Buffer[] = [];
    let synthesis: Synthesis | undefined;
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
    // The loader sends messages of its own.
    child.on('message', (message: { readonly synthesis?: Synthesis }) => {
      synthesis = message.synthesis ?? synthesis;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.removeListener('exit', end);
      resolve({ code, signal, output: Buffer.concat(output).toString().trimEnd(), synthesis });
    });
  });
}
