import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'go', 'module', 'coverage'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // One dialect: `private` instead of `#`, `it` instead of `test`.
      'no-restricted-syntax': [
        'error',
        { selector: 'PrivateIdentifier', message: 'Say private instead of #.' },
        { selector: "CallExpression[callee.name='test']", message: 'Say it instead of test.' },
      ],
    },
  },
  {
    files: ['**/*.{mjs,cjs}', 'bin/*.js'],
    languageOptions: {
      globals: { performance: 'readonly', process: 'readonly', require: 'readonly' },
    },
  },
);
