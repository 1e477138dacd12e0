import { describe, expect, it } from 'vitest';
import { packageProblems } from './manifests.mjs';

const good = {
  name: '@parsl-ts/htex',
  version: '1.0.0',
  type: 'module',
  license: 'Apache-2.0',
  sideEffects: false,
  engines: { node: '>=20.19' },
  publishConfig: { access: 'public' },
  files: ['bin', 'dist'],
  dependencies: { '@parsl-ts/core': 'workspace:^', '@parsl-ts/worker-pool': 'workspace:^', zod: '^4.0.0' },
};

describe('the manifest of a package', () => {
  it('may name what the arrows allow, and what has only to be installed', () => {
    expect(packageProblems('packages/htex', good)).toEqual([]);
  });

  it('may not name another package', () => {
    const manifest = { ...good, dependencies: { '@parsl-ts/bundler': 'workspace:^' } };
    expect(packageProblems('packages/htex', manifest)).toEqual([
      'packages/htex/package.json depends on @parsl-ts/bundler, which the arrows of the architecture do not allow',
    ]);
  });

  it('has no script that runs when it is installed', () => {
    for (const script of ['preinstall', 'install', 'postinstall']) {
      const manifest = { ...good, scripts: { build: 'tsup', [script]: 'node x.js' } };
      expect(packageProblems('packages/htex', manifest)).toEqual([
        'packages/htex/package.json runs a script when it is installed: no package here needs one',
      ]);
    }
  });

  it('names a sibling by the version that is released with it', () => {
    const manifest = { ...good, dependencies: { '@parsl-ts/core': '^1.0.0' } };
    expect(packageProblems('packages/htex', manifest)).toEqual([
      'packages/htex/package.json depends on @parsl-ts/core as "^1.0.0", not as "workspace:^"',
    ]);
  });

  it('of an unknown package has to be given arrows first', () => {
    const problems = packageProblems('packages/new', { ...good, name: '@parsl-ts/new', dependencies: {} });
    expect(problems).toEqual(['packages/new/package.json is not in tooling/scripts/arrows.mjs']);
  });
});
