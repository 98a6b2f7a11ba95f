/** Images of programs built here, each a static binary alone, as archives beside it in the cache. */
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
import { basename, join } from 'node:path';
import {
  buildPrograms,
  fullVersion,
  NODE_IMAGES,
  programsFolder,
  type GoModule,
} from '../go-programs';
import { run } from '../run';
import type { Steps } from '../steps';

export interface ProgramImage {
  /** Its tag names the program's sources, so that another program is another image. */
  readonly name: string;
  readonly archive: string;
  /** The program's path in the image, its entrypoint. */
  readonly entrypoint: string;
}

/** The image of a module's program, built or not. */
export function programImage(module: GoModule, program: string): ProgramImage {
  const folder = programsFolder(module);
  return {
    name: `localhost/${program}:${fullVersion(module)}`,
    archive: join(folder, `${program}.image.tar`),
    entrypoint: `/${program}`,
  };
}

export const pauseImage = (): ProgramImage => programImage(NODE_IMAGES, 'pause');
export const volumeImage = (): ProgramImage => programImage(NODE_IMAGES, 'volume');

/** Builds a module's program and its image, unless they are cached. */
export async function buildImage(
  module: GoModule,
  program: string,
  steps: Steps,
): Promise<ProgramImage> {
  const binary = join(await buildPrograms(module, steps), program);
  const image = programImage(module, program);
  if (!existsSync(image.archive)) await writeImage(binary, image);
  return image;
}

/**
 * Writes a Docker image archive (https://github.com/moby/docker-image-spec, version 1.2) of one layer with one file,
 * the entrypoint.
 */
async function writeImage(
  binary: string,
  { name, archive, entrypoint }: ProgramImage,
): Promise<void> {
  const staging = `${archive}.staging-${process.pid}`;
  mkdirSync(join(staging, 'root'), { recursive: true });
  try {
    copyFileSync(binary, join(staging, 'root', basename(entrypoint)));
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
      basename(entrypoint),
    ]);
    const config = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: [entrypoint], WorkingDir: '/' },
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
