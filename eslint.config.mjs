import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import ts from 'typescript';

const CLOCKLESS = 'A construct reads no file, clock or environment variable (ARCHITECTURE.md).';
const ambient = (name) => ({ name, message: CLOCKLESS });

/** Reports `${String(n)}` of a number, which `${n}` says as well. */
const numberInTemplate = {
  meta: { type: 'suggestion', messages: { number: 'Write ${n} for a number, without String().' } },
  create(context) {
    const { getTypeAtLocation } = context.sourceCode.parserServices;
    return {
      'TemplateLiteral > CallExpression[callee.name="String"]'(call) {
        const [argument] = call.arguments;
        if (argument !== undefined && getTypeAtLocation(argument).flags & ts.TypeFlags.NumberLike)
          context.report({ node: call, messageId: 'number' });
      },
    };
  },
};

// What imports what is held by dependency-cruiser.
export default defineConfig(
  globalIgnores(['imports', 'dist', 'coverage', '.cache', 'packages/kube-verdict', 'node_modules']),
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { dialect: { rules: { 'number-in-template': numberInTemplate } } },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A construct is made for the sake of its scope: the instance often has no name.
      'no-new': 'off',
      'dialect/number-in-template': 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '/packages/', message: 'A package is used by its name alone.' }] },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'PrivateIdentifier', message: 'Write private, not #.' },
      ],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: { 'no-restricted-globals': ['error', { name: 'test', message: 'Write it().' }] },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'Date', 'performance', 'crypto', 'fetch', 'require'].map(ambient),
        ...['setTimeout', 'setInterval', 'setImmediate'].map(ambient),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: CLOCKLESS },
        ...['env', 'argv', 'cwd', 'hrtime', 'uptime', 'getBuiltinModule'].map((property) => ({
          object: 'process',
          property,
          message: CLOCKLESS,
        })),
      ],
      'no-restricted-imports': ['error', { patterns: [{ regex: '^node:', message: CLOCKLESS }] }],
    },
  },
  {
    // The app writes its manifests, and ends the process that it is.
    files: ['lib/app/app.ts'],
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:fs',
              allowImportNames: ['mkdirSync', 'writeFileSync'],
              message: CLOCKLESS,
            },
          ],
          patterns: [{ regex: '^node:(?!fs$|path$)', message: CLOCKLESS }],
        },
      ],
    },
  },
  {
    // A digest reads nothing.
    files: ['lib/pod/config-map.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'node:crypto', allowImportNames: ['createHash'], message: CLOCKLESS }],
          patterns: [{ regex: '^node:(?!crypto$)', message: CLOCKLESS }],
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
