import type { defineConfig } from 'tsup';

/** The build of one package: `entry` maps output names to source files, `dts` names the entries with declarations. */
export function packageBuild(options: {
  readonly entry: Readonly<Record<string, string>>;
  readonly dts?: readonly string[];
}): ReturnType<typeof defineConfig>;
