import {
  boolean,
  checkOptions,
  ConfigurationError,
  either,
  list,
  string,
  value,
  type CheckedOptions,
  type SchemaOf,
} from '@parsl-ts/provider';

/** Where nodes have the program `parsl-worker-pool`. */
export interface WorkerPoolLocation {
  /**
   * Environment modules that each node loads first, as with `module load`: `'nodejs/20'`.
   *
   * @default none
   */
  readonly module?: string | readonly string[];
  /**
   * The program: its path on the nodes, or a name that is looked for in their `PATH`.
   *
   * @default 'parsl-worker-pool'
   */
  readonly path?: string;
  /**
   * `true`: each node has npx fetch the version of this executor, from npm's registry or its cache there. A text: that
   * version. In place of `path`.
   *
   * @default false
   */
  readonly npx?: boolean | string;
}

const MODULE = /^[\w.+/@:-]+$/;
const moduleName = value('the name of a module, such as nodejs/20', isModuleName);

const SCHEMA = {
  module: either(moduleName, list(moduleName)),
  path: string({ notEmpty: true }),
  npx: either(boolean(), string({ notEmpty: true })),
} satisfies SchemaOf<WorkerPoolLocation>;

const OWNER = "option 'workerPool' of HighThroughputExecutor";

/**
 * Checks where worker pools are.
 *
 * @throws ConfigurationError for an unknown field or a wrong value, naming it
 */
export function checkLocation(location: WorkerPoolLocation): CheckedOptions<typeof SCHEMA> {
  const checked = checkOptions(OWNER, location, SCHEMA);
  if (checked.path !== undefined && checked.npx !== undefined && checked.npx !== false) {
    throw new ConfigurationError(
      `${OWNER} has both 'path' and 'npx'; the program is either there or fetched: leave one out`,
      { owner: OWNER, option: 'npx' },
    );
  }
  return checked;
}

function isModuleName(given: unknown): given is string {
  return typeof given === 'string' && MODULE.test(given) && !given.startsWith('-');
}
