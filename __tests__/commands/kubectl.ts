import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * A kubectl: the one on the PATH, else Debian's, installed where that may be done.
 *
 * @throws {Error} saying what to install
 */
export function kubectl(): string {
  if (works()) return 'kubectl';
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    spawnSync('apt-get', ['update'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '--yes', '--no-install-recommends', 'kubernetes-client'], {
      stdio: 'inherit',
    });
    if (works()) return 'kubectl';
  }
  throw new Error(
    'this test compares with kubectl set image: install kubectl (Debian: kubernetes-client)',
  );
}

function works(): boolean {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
}
