import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi, type Mock } from 'vitest';
import type { Logger } from '../executor.js';
import { BlockScaler } from '../scaling/block-scaler.js';
import type { ScalingStrategy } from '../scaling/strategy.js';
import type { BlockExecutor } from './block-executor.js';

/** Starts scalers for the tests of a file, each test with a run directory of its own; closes them and removes it afterwards. */
export class ScalerBench {
  runDir = '';
  /** What was logged. */
  lines: { level: string; message: string }[] = [];
  fatal: Mock<(error: Error) => void> = vi.fn();
  readonly #scalers: BlockScaler[] = [];

  /** Call it outside of any test. */
  static use(): ScalerBench {
    const bench = new ScalerBench();
    beforeEach(() => {
      bench.runDir = mkdtempSync(join(tmpdir(), 'scaler-'));
      bench.lines = [];
      bench.fatal = vi.fn();
    });
    afterEach(async () => {
      await Promise.all(bench.#scalers.splice(0).map((scaler) => scaler.close()));
      rmSync(bench.runDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });
    return bench;
  }

  scale(executor: BlockExecutor, strategy: ScalingStrategy = 'simple', maxIdleTimeMs = 60_000): BlockScaler {
    const scaler = new BlockScaler({
      executor,
      strategy,
      strategyPeriodMs: 50,
      maxIdleTimeMs,
      runDir: this.runDir,
      logger: this.#logger(),
      fatal: this.fatal,
    });
    this.#scalers.push(scaler);
    return scaler;
  }

  #logger(): Logger {
    const note = (level: string) => (_: unknown, message: string) => this.lines.push({ level, message });
    const logger: Logger = {
      debug: () => undefined,
      info: note('info'),
      warn: note('warn'),
      error: note('error'),
      child: () => logger,
    };
    return logger;
  }
}
