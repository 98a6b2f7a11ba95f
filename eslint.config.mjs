import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['imports', 'dist', 'coverage', 'packages/kube-verdict', 'node_modules']),
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A construct is made for the sake of its scope: the instance often has no name.
      'no-new': 'off',
      // What a construct, a command or a test may import (ARCHITECTURE.md).
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '(^|/)main$', message: 'Nothing imports main.ts.' },
            {
              regex: '/packages/|^local-cluster/',
              message: 'A package is used by its name alone.',
            },
          ],
        },
      ],
    },
  },
  // A relative path may climb as far as the package's own folder, and no further.
  ...[
    ['packages/local-cluster/*.ts', ''],
    ['packages/local-cluster/{node,__tests__}/*.ts', '\\.\\./'],
    ['packages/local-cluster/{node,__tests__}/*/*.ts', '\\.\\./\\.\\./'],
    ['packages/local-cluster/__tests__/*/*/*.ts', '\\.\\./\\.\\./\\.\\./'],
  ].map(([files, inside]) => ({
    files: [files],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^${inside}\\.\\./|^(?!\\.|node:|yaml$|fast-check$)`,
              message: 'A package imports nothing of the rest.',
            },
          ],
        },
      ],
    },
  })),
  {
    files: ['lib/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:process', 'node:child_process', 'node:os'].map((name) => ({
            name,
            message: 'A construct reads no file, clock or environment variable.',
          })),
          patterns: [
            { regex: '(^|/)main$', message: 'Nothing imports main.ts.' },
            {
              regex: '/(commands|bench|packages|e2e|__tests__)/|^local-cluster',
              message: 'lib imports only lib and imports.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly' } },
  },
);
