import { resolve } from 'node:path';
import {
  BLOCK_OPTIONS,
  blockLimits,
  checkOptions,
  CommandLineProvider,
  integer,
  string,
  type BlockOptions,
  type SchemaOf,
} from '@parsl-ts/provider';
import { fifoDialect } from './fifo-dialect.js';

/** Options of {@link FifoProvider}. */
export interface FifoProviderOptions extends BlockOptions {
  /** Directory of the queue. All who name the same one take turns. */
  readonly queue: string;
  /**
   * How often the kernel may ask for states, in ms.
   *
   * @default 500
   */
  readonly pollIntervalMs?: number;
  /**
   * How long each command of `fifo` may take, in ms.
   *
   * @default 10000
   */
  readonly commandTimeoutMs?: number;
}

const SCHEMA = {
  ...BLOCK_OPTIONS,
  queue: string({ required: true, notEmpty: true }),
  pollIntervalMs: integer({ min: 1, default: 500 }),
  commandTimeoutMs: integer({ min: 1, default: 10_000 }),
} satisfies SchemaOf<FifoProviderOptions>;

/** Runs blocks one at a time on this machine, in the order in which they were submitted by anybody. */
export class FifoProvider extends CommandLineProvider {
  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: FifoProviderOptions) {
    const checked = checkOptions('FifoProvider', options, SCHEMA);
    super({
      label: 'fifo',
      dialect: fifoDialect({ ...checked, queue: resolve(checked.queue) }),
      nodesPerBlock: checked.nodesPerBlock,
      node: {},
      blocks: blockLimits('FifoProvider', checked),
      carriesSecrets: checked.launcher.carriesSecrets === true,
      pollIntervalMs: checked.pollIntervalMs,
      commandTimeoutMs: checked.commandTimeoutMs,
      idsPerCommand: 100,
    });
  }
}
