import { dirname } from 'node:path';
import { withEsbuild } from './toolchain.js';

/** What a module exports. */
export interface ModuleExports {
  readonly names: readonly string[];
  /** Whether there may be more, which only running it would show: CommonJS, or `export *` from a package. */
  readonly isOpen: boolean;
}

/**
 * Lists the exports of a module file without running it. Asked for separately, because the bundler drops an unknown
 * export of a TypeScript file without a word.
 */
export async function moduleExports(file: string): Promise<ModuleExports> {
  const { metafile, outputFiles } = await withEsbuild((esbuild) =>
    esbuild.build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      packages: 'external',
      external: ['*.node'],
      format: 'esm',
      platform: 'node',
      write: false,
      metafile: true,
      logLevel: 'silent',
    }),
  );
  const [output] = Object.values(metafile.outputs);
  const entry = output?.entryPoint === undefined ? undefined : metafile.inputs[output.entryPoint];
  const reexports = outputFiles.some(({ text }) => /^export \* from /m.test(text));
  return { names: output?.exports ?? [], isOpen: entry?.format === 'cjs' || reexports };
}
