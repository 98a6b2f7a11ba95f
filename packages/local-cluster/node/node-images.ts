/** The two images that the node itself needs, each a static binary alone, as archives in the cache. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from '../run';
import type { Steps } from '../steps';
import { buildPrograms, NODE_IMAGES } from '../go-programs';

export interface NodeImage {
  readonly name: string;
  readonly archive: string;
}

export const PAUSE_IMAGE = 'localhost/pause:built-here';
export const VOLUME_IMAGE = 'localhost/volume:built-here';
/** The program of {@link VOLUME_IMAGE}. */
export const VOLUME_PROGRAM = '/volume';

const IMAGES = [
  { binary: 'pause', name: PAUSE_IMAGE },
  { binary: 'volume', name: VOLUME_IMAGE },
] as const;

/** Builds the images unless they are cached. */
export async function buildNodeImages(steps: Steps): Promise<readonly NodeImage[]> {
  const binaries = await buildPrograms(NODE_IMAGES, steps);
  return Promise.all(
    IMAGES.map(async ({ binary, name }) => {
      const archive = join(binaries, `${binary}.tar`);
      if (!existsSync(archive)) await writeImage(join(binaries, binary), binary, name, archive);
      return { name, archive };
    }),
  );
}

/**
 * Writes a Docker image archive (https://github.com/moby/docker-image-spec, version 1.2) of one layer with one file,
 * the entrypoint.
 */
async function writeImage(
  binary: string,
  entrypoint: string,
  name: string,
  archive: string,
): Promise<void> {
  const staging = `${archive}.staging-${process.pid}`;
  mkdirSync(join(staging, 'root'), { recursive: true });
  try {
    copyFileSync(binary, join(staging, 'root', entrypoint));
    // The same bytes on every machine: no owner, time or order of its own.
    const reproducible = [
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mtime=@0',
      '--mode=0755',
      '--sort=name',
    ];
    await run([
      'tar',
      '-C',
      join(staging, 'root'),
      ...reproducible,
      '-cf',
      join(staging, 'layer.tar'),
      entrypoint,
    ]);
    const config = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: [`/${entrypoint}`], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digestOf(join(staging, 'layer.tar'))}`] },
    };
    const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
    writeFileSync(join(staging, 'config.json'), JSON.stringify(config));
    writeFileSync(join(staging, 'manifest.json'), JSON.stringify(manifest));
    const files = ['manifest.json', 'config.json', 'layer.tar'];
    await run(['tar', '-C', staging, ...reproducible, '-cf', join(staging, 'image.tar'), ...files]);
    renameSync(join(staging, 'image.tar'), archive);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
