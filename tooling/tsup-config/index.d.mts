/** What a package builds. */
export interface PackageBuild {
  /** Output name to source file. */
  readonly entry: Readonly<Record<string, string>>;
  /** The entries that are imported by others. @default those whose name does not start with `bin/` */
  readonly dts?: readonly string[];
}

/** Configuration for tsup, to be exported by a `tsup.config.ts`. */
export function packageBuild(build: PackageBuild): object;
