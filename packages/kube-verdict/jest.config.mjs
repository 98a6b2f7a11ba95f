import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// All that tests write is in one folder, which goes with the run.
const temporary = mkdtempSync(join(tmpdir(), 'kube-verdict-test-'));
process.env.TMPDIR = temporary;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  transform: { '\\.ts$': ['ts-jest', {}] },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // Beside the folder above, or nothing would be left of it for the next run.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // It ends what hangs; a busy machine that compiles a program from nothing takes minutes.
  testTimeout: 600_000,
};
