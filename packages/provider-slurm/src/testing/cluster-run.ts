import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyPackage } from '@parsl-ts-internal/slurm-bed';
import { DataFlowKernel, type KernelConfig } from '@parsl-ts/core';
import { HighThroughputExecutor, type HighThroughputExecutorOptions } from '@parsl-ts/htex';
import { shellQuote } from '@parsl-ts/provider';
import type { SlurmProviderOptions } from '../slurm-provider-options.js';
import { SlurmProvider } from '../slurm-provider.js';

/** This checkout, which the nodes do not see. */
export const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url)).replace(/\/$/, '');

/** A directory outside of this checkout, with the program of the worker pool as a node may have it. */
export class NodeSoftware implements Disposable {
  /** For run directories. */
  readonly directory = mkdtempSync(join(tmpdir(), 'cluster-'));
  /** The program `parsl-worker-pool`. */
  readonly pool: string;

  constructor() {
    copyPackage(join(CHECKOUT, 'packages/worker-pool'), join(this.directory, 'software'));
    const installed = 'software/node_modules/@parsl-ts/worker-pool/bin/parsl-worker-pool.js';
    this.pool = join(this.directory, installed);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** How a run differs from the usual one of these tests. */
export interface ClusterRunOptions {
  readonly provider?: SlurmProviderOptions;
  readonly executor?: HighThroughputExecutorOptions;
  readonly kernel?: KernelConfig;
}

/** A kernel whose tasks run on a cluster. A pool that is silent is given up after 15 seconds; jobs are asked for twice a second. */
export class ClusterRun implements AsyncDisposable {
  readonly kernel: DataFlowKernel;
  /** Its own directory of the run. */
  readonly #runDir: string;

  private constructor(kernel: DataFlowKernel, runDir: string) {
    this.kernel = kernel;
    this.#runDir = runDir;
  }

  static async start(software: NodeSoftware, options: ClusterRunOptions = {}): Promise<ClusterRun> {
    const runDir = mkdtempSync(join(software.directory, 'run-'));
    const executor = new HighThroughputExecutor({
      label: 'cluster',
      // What a pool leaves behind whose node dies goes with the software.
      provider: new SlurmProvider({
        pollIntervalMs: 500,
        workerInit: `export TMPDIR=${shellQuote(software.directory)}`,
        ...options.provider,
      }),
      workerPool: { path: software.pool },
      heartbeatPeriodMs: 500,
      heartbeatThresholdMs: 15_000,
      ...options.executor,
    });
    const kernel = await DataFlowKernel.start({
      executors: [executor],
      runDir,
      strategyPeriodMs: 500,
      ...options.kernel,
    });
    return new ClusterRun(kernel, runDir);
  }

  /** What became of each block so far. */
  get outcomes(): readonly string[] {
    return this.kernel.blocks('cluster').map(({ outcome }) => outcome);
  }

  /** The scripts of the blocks and what they wrote, for a test that failed. */
  scripts(): string {
    const directory = join(this.#runDir, '000', 'submit_scripts');
    return readdirSync(directory)
      .map((name) => `--- ${name}\n${readFileSync(join(directory, name), 'utf8')}`)
      .join('\n');
  }

  /** The log of the run. */
  log(): string {
    return readFileSync(join(this.#runDir, '000', 'parsl.log'), 'utf8');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kernel.close();
  }
}
