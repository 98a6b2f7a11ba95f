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
  // Ends what hangs, and nothing that is slow: compiling Go for the first time takes minutes on a busy machine.
  testTimeout: 900_000,
};
