import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir } from '../src/module/load-module';
import { run } from './command';

const GO = join(__dirname, '..', 'go');

/** Builds a command of the Go side; Go's own cache makes it quick. */
export async function nativeCommand(name: string): Promise<string> {
  const folder = join(defaultCacheDir(), 'native');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const build = await run('go', ['build', '-buildvcs=false', '-o', path, `./cmd/${name}`], {
    cwd: GO,
  }).catch((error: unknown) => {
    throw new Error(`Go is needed to build ${GO}: install it (https://go.dev/dl)`, {
      cause: error,
    });
  });
  if (build.code !== 0) throw new Error(`go build failed:\n${build.err}`);
  return path;
}
