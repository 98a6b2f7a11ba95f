/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/{__tests__,packages/local-cluster/__tests__}/**/*.test.ts'],
  transform: {
    '\\.ts$': ['ts-jest', {}],
    // It comes as ECMAScript modules alone, which Node's `require` takes and Jest's does not.
    '/@secretlint/.*\\.js$': ['ts-jest', { tsconfig: { allowJs: true, module: 'commonjs' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!@secretlint/)'],
  // Left out: commands, which tests run as users do, in processes of their own, the door of lib, which
  // has no code, and imports, which is generated.
  collectCoverageFrom: ['lib/**/*.ts', '!lib/index.ts'],
  coverageReporters: ['text'],
  coverageThreshold: { global: { branches: 93, functions: 100, lines: 100, statements: 98 } },
  globalSetup: '<rootDir>/__tests__/temporary-folder.ts',
  // Not in the temporary folder, which goes with the run.
  cacheDirectory: '<rootDir>/.cache/jest',
  modulePathIgnorePatterns: ['<rootDir>/\\.(synth-|cache/)'],
  // Ends what hangs, and nothing that is slow: compiling Go for the first time takes minutes on a busy machine.
  testTimeout: 900_000,
};
