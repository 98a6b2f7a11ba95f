import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jest from './jest.config.mjs';

// A mutant may leave anything.
const temporary = mkdtempSync(join(tmpdir(), 'mutation-'));
process.env.TMPDIR = temporary;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

// What tests run within their own process. Commands that tests run as users do, in processes of their own, are left out:
// a mutant would not reach them.
const COMMANDS = ['image-change', 'interruption', 'manifests', 'outputs'];

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['lib/**/*.ts', '!lib/index.ts', `commands/{${COMMANDS.join(',')}}.ts`],
  testRunner: 'jest',
  jest: {
    config: {
      ...jest,
      globalSetup: undefined,
      testMatch: [
        '<rootDir>/__tests__/{app,images,lesson,monitoring,production}/**/*.test.ts',
        '<rootDir>/__tests__/yaml.test.ts',
        '<rootDir>/__tests__/commands/{image-change,interruption,manifests,outputs}.test.ts',
      ],
      // Asks a Go program, once for each mutant; reference.test.ts holds the same grammar.
      testPathIgnorePatterns: ['/__tests__/images/grammar.test.ts$'],
    },
  },
  // A message is held whole where it matters; each word of the others is not.
  mutator: { excludedMutations: ['StringLiteral'] },
  // One of a module's constants is tested by all tests there are: a third of the mutants, and most of the time.
  ignoreStatic: true,
  // Milliseconds, beyond what a test took at first: a machine may be busy with more than this.
  timeoutMS: 60_000,
  coverageAnalysis: 'perTest',
  ignorePatterns: ['/reports', '/.cache', '/packages/*/go', '/bench'],
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowEmojis: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'reports/mutation.html' },
  jsonReporter: { fileName: 'reports/mutation.json' },
  tempDirName: '.cache/stryker',
};
