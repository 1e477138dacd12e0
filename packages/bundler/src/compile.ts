import { extname } from 'node:path';
import type { BuildOptions, Loader, Plugin } from 'esbuild';
import { toolchain, withEsbuild } from './toolchain.js';
import { ScriptMap } from './script-map.js';

/** JavaScript made of a source file, and the way back. */
export interface CompiledSource {
  readonly code: string;
  readonly map: ScriptMap;
}

const loaders = new Map<string, Loader>([
  ['.ts', 'ts'],
  ['.mts', 'ts'],
  ['.cts', 'ts'],
  ['.tsx', 'tsx'],
  ['.jsx', 'jsx'],
]);

/** Whether a file has to be compiled before it can be parsed. */
export function needsCompiling(file: string): boolean {
  return loaders.has(extname(file));
}

/** Removes types and JSX, as the nearest `tsconfig.json` says, and changes as little as possible otherwise. */
export async function compile(text: string, file: string): Promise<CompiledSource> {
  const tools = await toolchain();
  const options = {
    // An entry that is a file, unlike one that is a text, is compiled as the tsconfig.json above it says.
    entryPoints: [file],
    plugins: [contentsOf(text)],
    bundle: false,
    write: false,
    outfile: `${file}.compiled.js`,
    sourcemap: 'external',
    sourcesContent: false,
    target: 'esnext',
    // Node.js has no decorators yet, and the parser does not know them.
    supported: { decorators: false },
    legalComments: 'none',
    logLevel: 'silent',
  } satisfies BuildOptions;
  const result = await withEsbuild((esbuild) => esbuild.build(options));
  const code = result.outputFiles.find(({ path }) => path.endsWith('.js'))?.text ?? '';
  const map = result.outputFiles.find(({ path }) => path.endsWith('.map'))?.text ?? '{}';
  return { code, map: new ScriptMap(tools, map, file) };
}

/** Gives the entry the text that the process runs, which may not be what the file has by now. */
function contentsOf(text: string): Plugin {
  return {
    name: 'parsl-contents',
    setup(build) {
      build.onLoad({ filter: /.*/ }, ({ path }) => ({
        contents: text,
        loader: loaders.get(extname(path)) ?? 'js',
      }));
    },
  };
}
