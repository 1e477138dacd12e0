import { ConfigurationError } from './configuration-error.js';
import type { BlockLimits } from './contract.js';
import { isLauncher, type Launcher } from './launcher.js';
import { integer, number, string, value } from './option-kinds.js';
import { SingleNodeLauncher } from './launchers/single-node-launcher.js';

/** The options that providers of batch schedulers have in common. */
export interface BlockOptions {
  /**
   * Nodes that one block asks for.
   *
   * @default 1
   */
  readonly nodesPerBlock?: number;
  /**
   * Blocks submitted at the start.
   *
   * @default 1, or minBlocks if that is more; 0 if maxBlocks is 0
   */
  readonly initBlocks?: number;
  /**
   * Blocks kept while the run lasts; lost ones are replaced.
   *
   * @default 0
   */
  readonly minBlocks?: number;
  /**
   * Blocks never exceeded.
   *
   * @default the largest of 1, initBlocks and minBlocks
   */
  readonly maxBlocks?: number;
  /**
   * Worker slots wanted per outstanding task: 1 asks for a slot for each task, 0 for one block however many tasks.
   *
   * @default 1
   */
  readonly parallelism?: number;
  /**
   * Blocks submitted within any minute at most, so that a scheduler is not flooded.
   *
   * @default 100
   */
  readonly maxSubmissionsPerMinute?: number;
  /**
   * Lines of bash that run on a block's first node before the worker pools start: `module load …`.
   *
   * @default ''
   */
  readonly workerInit?: string;
  /**
   * Starts the worker pools of a block.
   *
   * @default new SingleNodeLauncher()
   */
  readonly launcher?: Launcher;
}

/** Schema of {@link BlockOptions}, to spread into a provider's own schema. */
export const BLOCK_OPTIONS = {
  nodesPerBlock: integer({ min: 1, default: 1 }),
  initBlocks: integer({ min: 0 }),
  minBlocks: integer({ min: 0, default: 0 }),
  maxBlocks: integer({ min: 0 }),
  parallelism: number({ min: 0, max: 1, default: 1 }),
  maxSubmissionsPerMinute: integer({ min: 1, default: 100 }),
  workerInit: string({ default: '' }),
  launcher: value<Launcher, { readonly default: Launcher }>('a Launcher', isLauncher, {
    default: new SingleNodeLauncher(),
  }),
};

/** {@link BlockOptions} that have been checked one by one. */
export interface CheckedBlockOptions {
  readonly initBlocks: number | undefined;
  readonly minBlocks: number;
  readonly maxBlocks: number | undefined;
  readonly parallelism: number;
  readonly maxSubmissionsPerMinute: number;
}

/**
 * Puts block options together. `initBlocks` and `maxBlocks` follow the others when they are left out.
 *
 * @throws ConfigurationError when more blocks are to be kept or started than there may be
 */
export function blockLimits(owner: string, options: CheckedBlockOptions): BlockLimits {
  const { minBlocks: min, parallelism, maxSubmissionsPerMinute } = options;
  const init = options.initBlocks ?? Math.max(min, Math.min(1, options.maxBlocks ?? 1));
  const max = options.maxBlocks ?? Math.max(1, init, min);
  for (const [option, blocks] of [
    ['minBlocks', min],
    ['initBlocks', init],
  ] as const) {
    if (blocks > max) {
      throw new ConfigurationError(
        `option '${option}' of ${owner} is ${String(blocks)}, more than 'maxBlocks', which is ${String(max)}`,
        { owner, option },
      );
    }
  }
  return { init, min, max, parallelism, maxSubmissionsPerMinute };
}
