import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..', '..');

/** A Chromium of this machine: the repository's tests name the one that they found, and install one. */
export function chromiumPath(): string {
  return found() ?? installed();
}

function found(): string | undefined {
  const { CHROMIUM_PATH = '' } = process.env;
  if (CHROMIUM_PATH !== '') return CHROMIUM_PATH;
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    existsSync,
  );
}

function installed(): string {
  execFileSync('npm', ['test', '--silent', '--', '--install', 'verdict'], { cwd: REPOSITORY });
  const path = found();
  if (path === undefined)
    throw new Error('Chromium is installed, and not found; set CHROMIUM_PATH');
  return path;
}
