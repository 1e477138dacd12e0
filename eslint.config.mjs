import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/out/',
      '**/runinfo/',
      '**/fixtures/',
      '**/tsup.config.ts',
      '.turbo/',
      '.cache/',
      '.reports/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A promise that nobody waits for loses its error, and with it the task.
      '@typescript-eslint/no-floating-promises': [
        'error',
        // A call of an app is a task of its own: its future never raises an unhandled rejection.
        {
          allowForKnownSafePromises: [
            { from: 'file', name: 'AppFuture' },
            { from: 'package', name: 'AppFuture', package: '@parsl-ts/core' },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        // `appFrom<typeof import('./tasks.js')>` is how a function is named without importing it.
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true, ignoreUsingDeclarations: true },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
      ],

      // Numbers say what they mean in a message without String().
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => emitter.emit(…)` and `return reject(error)` are clear.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // The kernel passes on whatever a task threw, as JavaScript allows.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      // The way to take a variable out of an environment.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // A contract may ask for a promise where this implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Type parameters that appear once still document a public signature.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Plain loops stand where the cost per task counts.
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/class-literal-property-style': 'off',
      // `interface` and `type` differ in what they can do; the author picks.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Bracket access to index signatures is what the compiler option noPropertyAccessFromIndexSignature asks for.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    // Tests check what the types forbid, and hand out functions to be shipped.
    files: ['**/*.test.ts', '**/testing/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-implied-eval': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'no-console': 'off',
    },
  },
  {
    // Programs that talk to people, and modules that a tool loads and of which it wants a default export.
    files: ['apps/**/*.ts', 'tooling/**/*.ts', '*.config.ts', '**/bin/*.ts', '**/*-main.ts'],
    rules: { 'no-console': 'off', 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: nodeGlobals() },
  },
);

/** @returns {Record<string, 'readonly'>} */
function nodeGlobals() {
  const names = [
    'process',
    'console',
    'URL',
    'Buffer',
    'performance',
    'setTimeout',
    'clearTimeout',
    'setImmediate',
  ];
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}
