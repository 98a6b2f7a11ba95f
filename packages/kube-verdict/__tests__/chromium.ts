import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const REPOSITORY = join(__dirname, '..', '..', '..');

/**
 * Starts a Chromium of this machine: the repository's tests name the one that they found, and install one. What hangs is
 * ended with its test.
 */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: found() ?? installed(),
    args: ['--no-sandbox'],
    timeout: 0,
  });
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
