import { defineConfig } from 'tsup';

/**
 * The one build every package uses: ESM for Node 20.19, declarations beside it, source maps without sources.
 *
 * @param {{ entry: Record<string, string>, dts?: string[] }} options `entry`: output name to source file; `dts`: the
 *   entries that are imported by others and so need declarations (default: all whose name does not start with `bin/`).
 */
export function packageBuild({ entry, dts = Object.keys(entry).filter((name) => !name.startsWith('bin/')) }) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node20.19',
    platform: 'node',
    dts: dts.length === 0 ? false : { entry: Object.fromEntries(dts.map((name) => [name, entry[name]])) },
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: false,
    shims: false,
    silent: true,
  });
}
