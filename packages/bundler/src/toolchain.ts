import type * as traceMapping from '@jridgewell/trace-mapping';
import type * as acorn from 'acorn';
import type * as esbuild from 'esbuild';
import type * as eslintScope from 'eslint-scope';

/** What bundling needs and what is too slow to load before it is needed. */
export interface Toolchain {
  readonly esbuild: typeof esbuild;
  readonly acorn: typeof acorn;
  readonly scope: typeof eslintScope;
  readonly sourceMaps: typeof traceMapping;
}

let loading: Promise<Toolchain> | undefined;

/** Loads the parser, the scope analysis and esbuild, once, and starts esbuild's process meanwhile. */
export function toolchain(): Promise<Toolchain> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Toolchain> {
  const esbuild = await import('esbuild');
  // Starts the process. What is wrong with it shows when it is used.
  esbuild.transform('').catch(() => undefined);
  const [acorn, scope, sourceMaps] = await Promise.all([
    import('acorn'),
    import('eslint-scope'),
    import('@jridgewell/trace-mapping'),
  ]);
  return { esbuild, acorn, scope, sourceMaps };
}

/** Uses esbuild, and starts its process again if something has killed it. */
export async function withEsbuild<T>(work: (bundler: typeof esbuild) => Promise<T>): Promise<T> {
  const { esbuild } = await toolchain();
  try {
    return await work(esbuild);
  } catch (error) {
    if (!(error instanceof Error) || !/^The service (?:is no longer running|was stopped)/.test(error.message))
      throw error;
    await esbuild.stop();
    return work(esbuild);
  }
}
