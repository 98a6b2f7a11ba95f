import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHES } from '../commands/test/run-suite';

/** Gives all tests one temporary folder, which goes with the run even where it is interrupted, and must be empty then. */
export default function setUp(): void {
  const folder = mkdtempSync(join(tmpdir(), 'jest-'));
  process.env.TMPDIR = folder;
  let interrupted = false;
  const end = () => {
    interrupted = true;
    process.exit(1);
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  process.once('exit', () => {
    const left = readdirSync(folder).filter((entry) => !CACHES.test(entry));
    rmSync(folder, { recursive: true, force: true });
    if (left.length === 0 || interrupted) return;
    console.error(`left in the temporary folder: ${left.sort().join(', ')}`);
    process.exitCode = 1;
  });
}
