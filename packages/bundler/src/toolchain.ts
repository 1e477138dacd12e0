import type * as acorn from 'acorn';
import type * as esbuild from 'esbuild';
import type * as eslintScope from 'eslint-scope';

/** What bundling needs and what is too slow to load before it is needed. */
export interface Toolchain {
  readonly esbuild: typeof esbuild;
  readonly acorn: typeof acorn;
  readonly scope: typeof eslintScope;
}

let loading: Promise<Toolchain> | undefined;

/** Loads the parser, the scope analysis and esbuild, once. */
export function toolchain(): Promise<Toolchain> {
  loading ??= Promise.all([import('esbuild'), import('acorn'), import('eslint-scope')]).then(
    ([esbuild, acorn, scope]) => ({ esbuild, acorn, scope }),
  );
  return loading;
}
