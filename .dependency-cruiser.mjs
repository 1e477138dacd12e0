import { appArrows, arrows, typeOnlyArrows } from './tooling/scripts/arrows.mjs';

/** @import { IConfiguration, IForbiddenRuleType } from 'dependency-cruiser' */

/**
 * Tests may use any package that their own package lists in its devDependencies. So may what only tests use, in
 * `src/testing/`; that of the provider package is published, and so is no such thing.
 */
const tests = '[.]test[.]ts$|^packages/(?!provider/)[^/]+/src/testing/|^packages/[^/]+/src/[^/]+/testing/';

/** @param {readonly string[]} names */
const anyOf = (names) => (names.length === 0 ? '(?!)' : `(?:${names.join('|')})`);

/** @type {IForbiddenRuleType[]} */
const packageRules = Object.entries(arrows).flatMap(([name, allowed]) => [
  {
    name: `arrows-from-${name}`,
    comment: `@parsl-ts/${name} may import of its siblings: ${allowed.join(', ') || 'none'}.`,
    severity: 'error',
    from: { path: `^packages/${name}/src/`, pathNot: tests },
    to: { path: '^(?:packages|apps|tooling)/', pathNot: `^packages/${anyOf([name, ...allowed])}/` },
  },
]);

/** @type {IForbiddenRuleType[]} */
const typeOnlyRules = Object.entries(typeOnlyArrows).map(([name, targets]) => ({
  name: `types-only-from-${name}`,
  comment: `@parsl-ts/${name} may use only types of: ${targets.join(', ')}.`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: tests },
  to: { path: `^packages/${anyOf(targets)}/`, dependencyTypesNot: ['type-only'] },
}));

/** @type {IForbiddenRuleType[]} */
const appRules = Object.entries(appArrows).map(([name, allowed]) => ({
  name: `arrows-from-app-${name}`,
  comment: `apps/${name} may import of the packages: ${allowed.join(', ') || 'none'}.`,
  severity: 'error',
  from: { path: `^apps/${name}/`, pathNot: tests },
  to: { path: '^packages/', pathNot: `^packages/${anyOf(allowed)}/` },
}));

/** @type {IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that import each other, even if only types, cannot be understood one at a time.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'unknown-package',
      comment: 'A new package needs its line in tooling/scripts/arrows.mjs.',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/${anyOf(Object.keys(arrows))}/` },
      to: {},
    },
    ...packageRules,
    ...typeOnlyRules,
    ...appRules,
    {
      name: 'published-entries-only',
      comment: 'Another package is used through what it publishes, never through its source.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|apps/examples/[^/]+|apps/[^/]+|tooling/[^/]+)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: '^$1/' },
    },
    {
      name: 'examples-stand-alone',
      comment: 'An example shows what a reader can copy: it uses packages, nothing else of this repository.',
      severity: 'error',
      from: { path: '^(apps/examples/[^/]+)/' },
      to: { path: '^(?:apps|tooling)/', pathNot: '^$1/' },
    },
    {
      name: 'declared-dependencies-only',
      comment: 'What the published code imports has to be in its own dependencies.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'npm-peer'],
      },
    },
    {
      name: 'no-test-in-source',
      comment: 'Published code does not import tests.',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere. Is the package built?',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/fixtures/', '/runinfo/', 'tsup[.]config[.]ts$'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
