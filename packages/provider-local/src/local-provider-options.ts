import { availableParallelism } from 'node:os';
import {
  BLOCK_OPTIONS,
  integer,
  number,
  string,
  walltime,
  type BlockOptions,
  type SchemaOf,
} from '@parsl-ts/provider';

/** Options of {@link LocalProvider}. */
export interface LocalProviderOptions extends BlockOptions {
  /**
   * Short name for log lines.
   *
   * @default 'local'
   */
  readonly label?: string;
  /**
   * Cores of this machine that each block may use. Said to the worker pools, not enforced.
   *
   * @default all cores that this process may run on
   */
  readonly cores?: number;
  /**
   * Memory of this machine that each block may use, in GB. Said to the worker pools, not enforced.
   *
   * @default unknown
   */
  readonly memoryGb?: number;
  /**
   * How long a block may run, `HH:MM:SS`, as with a batch scheduler: it is ended then. Its worker pools take no more tasks
   * some time before that.
   *
   * @default no limit
   */
  readonly walltime?: string;
  /**
   * How often the kernel may ask for states, in ms. Asking costs no command here.
   *
   * @default 1000
   */
  readonly pollIntervalMs?: number;
  /**
   * How long a block that is cancelled or has run for its walltime has between SIGTERM and SIGKILL, in ms.
   *
   * @default 3000
   */
  readonly cancelGraceMs?: number;
}

/** What {@link LocalProviderOptions} are checked against. */
export const LOCAL_PROVIDER_SCHEMA = {
  ...BLOCK_OPTIONS,
  label: string({ default: 'local', notEmpty: true }),
  cores: integer({ min: 1, default: availableParallelism() }),
  memoryGb: number({ min: 0 }),
  walltime: walltime(),
  pollIntervalMs: integer({ min: 1, default: 1000 }),
  cancelGraceMs: integer({ min: 0, default: 3000 }),
} satisfies SchemaOf<LocalProviderOptions>;
