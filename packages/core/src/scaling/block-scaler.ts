import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TERMINAL_JOB_STATES } from '@parsl-ts/provider';
import type { BlockReport, BlockScaling, EndedBlock, Executor, Logger } from '../executor.js';
import { simpleErrorHandler } from './block-error-handlers.js';
import { BlockJobs, type BlockNews } from './block-jobs.js';
import { BlockMachine, type BlockInstructions } from './block-machine.js';
import { EndQuestions } from './end-questions.js';
import { jobNamePrefix } from './job-name.js';
import type { ScalingStrategy } from './strategy.js';
import { SubmissionRate } from './submission-rate.js';
import { WakeUp } from './wake-up.js';

/** How long {@link BlockScaler.close} may take in all, and for each block on top of it, in ms. */
const CLOSE_PATIENCE_MS = 30_000;
const CLOSE_PATIENCE_PER_BLOCK_MS = 20;
/** How long a provider may take to give up once it is told that patience is over, in ms. */
const CLOSE_GRACE_MS = 1000;
/** How long {@link BlockScaler.close} asks again for what the scheduler did not do, and how often, in ms. */
const CLOSE_RETRY_MS = 10_000;
const CLOSE_PAUSE_MS = 300;

const NONE: NonNullable<BlockScaling['closedBlocks']> = new Map();

/** What a {@link BlockScaler} is made of. */
export interface BlockScalerOptions {
  /** The executor whose blocks are scaled. */
  readonly executor: Executor & { readonly scaling: BlockScaling };
  readonly strategy: ScalingStrategy;
  /** How often to look again although nothing has happened, in ms. */
  readonly strategyPeriodMs: number;
  /** How long blocks are idle before they are given back, in ms. */
  readonly maxIdleTimeMs: number;
  /** The run's directory; job scripts go to `submit_scripts` in it. */
  readonly runDir: string;
  readonly logger: Logger;
  /** Called at most once, when blocks keep failing. No block is submitted afterwards. */
  readonly fatal: (error: Error) => void;
}

/**
 * Gives an executor the blocks that its tasks need. Acts when something happens: tasks come or go, a worker pool comes or
 * goes, a job changes; and now and then besides. Its timers keep no process alive. What a provider throws, and how long it
 * takes, concerns this executor alone.
 */
export class BlockScaler {
  readonly #options: BlockScalerOptions;
  readonly #scaling: BlockScaling;
  readonly #scriptDir: string;
  readonly #jobs: BlockJobs;
  readonly #machine: BlockMachine;
  readonly #questions = new EndQuestions();
  readonly #wakeUp = new WakeUp(() => {
    this.#look();
  });
  #unsubscribe: (() => void) | undefined;
  #lookDue = false;
  #polling = false;
  #pollAt = 0;
  #active = false;
  #closing: Promise<void> | undefined;

  constructor(options: BlockScalerOptions) {
    const { executor, strategy, maxIdleTimeMs, runDir, logger } = options;
    const { scaling } = executor;
    this.#options = options;
    this.#scaling = scaling;
    this.#scriptDir = join(runDir, 'submit_scripts');
    const namePrefix = jobNamePrefix(executor.label);
    this.#jobs = new BlockJobs({ scaling, namePrefix, scriptDir: this.#scriptDir, logger });
    this.#machine = new BlockMachine({
      limits: scaling.provider.blocks,
      strategy,
      rate: SubmissionRate.of(scaling.provider),
      maxIdleTimeMs,
      random: Math.random,
    });
  }

  /** Submits the first block before it returns, and waits for no answer. Throws when the run's directory cannot be used. */
  start(): void {
    mkdirSync(this.#scriptDir, { recursive: true, mode: 0o700 });
    this.#active = true;
    this.#unsubscribe = this.#scaling.onActivity(() => {
      if (this.#machine.watchesActivity || this.#callsForBlocks) {
        this.tasksChanged();
      }
    });
    this.#look();
  }

  /** Tells that tasks were submitted or settled. Cheap: looked into once per turn of the event loop. */
  tasksChanged(): void {
    this.#lookSoon();
  }

  /** How the job of a block has ended: see `ExecutorContext.blockEnd`. */
  async blockEnd(blockId: string): Promise<EndedBlock | undefined> {
    if (this.#active && this.#machine.isOpen(blockId)) {
      const answered = this.#questions.ask(blockId);
      this.#look();
      await answered;
    }
    const report = this.#machine.report(blockId);
    return report !== undefined && hasEnded(report) ? report : undefined;
  }

  /** Every block so far, in order of submission. */
  report(): readonly BlockReport[] {
    return this.#machine.reports();
  }

  /** Cancels every block, also those whose submission is under way. Never rejects. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Cancels every block before it returns, as far as the provider can. For a process that is about to exit. */
  closeNow(): void {
    this.#stop();
    this.#machine.giveUpAll();
    const jobs = this.#machine.jobs();
    if (jobs.length > 0) {
      this.#jobs.cancelNow(jobs);
    }
  }

  /** Whether it matters soon what the executor says of its blocks. */
  get #callsForBlocks(): boolean {
    const { closedBlocks = NONE, needsFreshBlock = false } = this.#scaling;
    return closedBlocks.size > 0 || needsFreshBlock;
  }

  #lookSoon(): void {
    if (!this.#lookDue && this.#active) {
      this.#lookDue = true;
      setImmediate(this.#dueLook).unref();
    }
  }

  readonly #dueLook = (): void => {
    this.#lookDue = false;
    this.#look();
  };

  /** Looks at everything, does what is to be done, and plans the next look. */
  #look(): void {
    if (!this.#active) {
      return;
    }
    const now = performance.now();
    const { provider, workersPerNode } = this.#scaling;
    if (this.#machine.watchesActivity) {
      this.#machine.activity(this.#scaling.activity());
    }
    this.#machine.closed(this.#scaling.closedBlocks ?? NONE);
    this.#machine.needsFreshBlock(this.#scaling.needsFreshBlock ?? false);
    const tasks = this.#options.executor.outstanding;
    const slotsPerBlock = Math.max(1, workersPerNode * provider.nodesPerBlock);
    const instructions = this.#machine.decide(now, tasks, slotsPerBlock, () => this.#scaling.activity());
    this.#carryOut(instructions);
    if (this.#machine.hasJobs && !this.#polling) {
      const pollAt = Math.min(this.#pollAt, this.#questions.pollAt);
      if (pollAt <= now) {
        void this.#poll();
      } else {
        this.#wakeUp.by(pollAt);
      }
    }
    this.#wakeUp.by(instructions.wakeAt ?? Infinity);
    this.#wakeUp.by(tasks > 0 || !this.#machine.empty ? now + this.#options.strategyPeriodMs : Infinity);
  }

  #carryOut({ submit, drain, cancel, lonely }: BlockInstructions): void {
    if (submit.length > 0 && !this.#machine.hasJobs) {
      this.#pollAt = performance.now() + this.#scaling.provider.pollIntervalMs;
    }
    for (const blockId of submit) {
      void this.#submit(blockId);
    }
    if (drain.length > 0) {
      this.#options.logger.info({ blockIds: drain }, 'blocks are given back');
    }
    // Each by itself: an idle block does not wait for one that is busy.
    for (const blockId of drain) {
      void this.#drain(blockId);
    }
    if (cancel.length > 0) {
      void this.#cancel(cancel);
    }
    for (const { blockId, jobId, status } of lonely) {
      this.#options.logger.warn(
        { blockId, jobId, stdout: status?.stdoutPath, stderr: status?.stderrPath },
        'the job of a block has run for a minute, and no worker pool of it is there; look at its output',
      );
    }
  }

  async #submit(blockId: string): Promise<void> {
    try {
      this.#machine.submitted(blockId, await this.#jobs.submit(blockId));
    } catch (reason) {
      const error = asError(reason);
      this.#machine.submitFailed(blockId, error, performance.now());
      this.#judge();
    }
    this.#look();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    this.#questions.asked(performance.now());
    const news = await this.#jobs.news(this.#machine.jobs());
    this.#polling = false;
    this.#pollAt = performance.now() + this.#scaling.provider.pollIntervalMs;
    const failures = this.#take(news);
    if (failures.length > 0) {
      void this.#explain(failures);
    } else if (news.some(({ ended }) => ended)) {
      this.#judge();
    }
    this.#questions.answered((blockId) => this.#machine.isUnexplained(blockId));
    this.#look();
  }

  /** Takes news of jobs, and gives those of blocks that failed. */
  #take(news: readonly BlockNews[]): readonly BlockNews[] {
    // A pool that came since the last look has registered, also if its job has ended by now.
    this.#machine.activity(this.#scaling.activity());
    return news.filter(({ job, status }) => this.#machine.jobStatus(job.blockId, status, performance.now()));
  }

  /** Finds out why blocks failed, which may take a while, and has it judged. */
  async #explain(failures: readonly BlockNews[]): Promise<void> {
    const explanations = failures.map(async (news) => {
      const { blockId } = news.job;
      const error = await this.#jobs.failure(news, this.#machine.hasRegistered(blockId));
      this.#machine.explained(blockId, error);
      this.#questions.explained(blockId);
      this.#options.logger.warn({ ...news.job, error: error.message }, 'block failed');
    });
    await Promise.all(explanations);
    this.#judge();
    this.#look();
  }

  /** Lets the error handler say whether there is any hope left. */
  #judge(): void {
    // Whoever gives up is to say why.
    if (!this.#active || this.#machine.awaitsExplanation) {
      return;
    }
    const handler = this.#scaling.blockErrorHandler ?? simpleErrorHandler;
    try {
      handler(this.#machine.reports(), this.#scaling.provider.blocks);
    } catch (reason) {
      const error = asError(reason);
      this.#stop();
      this.#options.logger.error({ error: error.message }, 'blocks keep failing; the executor is given up');
      this.#options.fatal(error);
    }
  }

  async #drain(blockId: string): Promise<void> {
    try {
      await this.#scaling.drainBlocks([blockId]);
    } catch (reason) {
      this.#options.logger.warn({ blockId, error: asError(reason).message }, 'a block was not drained');
    }
    this.#machine.drained([blockId]);
    // Blocks that are drained in one turn of the event loop are cancelled with one command.
    this.#lookSoon();
  }

  async #cancel(blocks: BlockInstructions['cancel']): Promise<void> {
    for (const [blockId, outcome] of await this.#jobs.cancel(blocks)) {
      this.#machine.cancelOutcome(blockId, outcome, performance.now());
    }
    this.#look();
  }

  async #close(): Promise<void> {
    this.#stop();
    this.#machine.giveUpAll();
    const over = new AbortController();
    const blocks = this.#machine.jobs().length + this.#jobs.submitting;
    const timer = setTimeout(
      () => {
        over.abort(new Error('the scheduler took too long to cancel the blocks of a run that is over'));
      },
      CLOSE_PATIENCE_MS + CLOSE_PATIENCE_PER_BLOCK_MS * blocks,
    );
    await Promise.all([this.#cancelAll(over.signal), unless(over.signal, this.#jobs.submissionsEnd())]);
    await this.#cancelAll(over.signal);
    clearTimeout(timer);
    this.#jobs.abandon();
    const left = this.#machine.jobs();
    const { submitting } = this.#jobs;
    if (left.length > 0 || submitting > 0) {
      this.#options.logger.error({ left, submitting }, 'blocks may be left behind');
    }
  }

  /** Cancels what there is now, again and again if the provider fails, but not for ever. */
  async #cancelAll(over: AbortSignal): Promise<void> {
    const deadline = performance.now() + CLOSE_RETRY_MS;
    for (let pauseMs = 0; this.#machine.hasJobs; pauseMs = 2 * pauseMs || CLOSE_PAUSE_MS) {
      if (pauseMs > 0) {
        if (over.aborted || performance.now() + pauseMs > deadline) {
          return;
        }
        await delay(pauseMs);
      }
      const outcomes = await unless(over, this.#jobs.cancel(this.#machine.jobs(), over));
      for (const [blockId, outcome] of outcomes ?? []) {
        this.#machine.cancelOutcome(blockId, outcome === 'failed' ? 'failed' : 'gone', performance.now());
      }
    }
  }

  #stop(): void {
    this.#active = false;
    this.#unsubscribe?.();
    this.#wakeUp.cancel();
    this.#questions.clear();
  }
}

/** What a promise gives, or `undefined` if it has not done so a moment after `over` aborts. */
async function unless<T>(over: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  const settled = new AbortController();
  const { signal } = settled;
  const aborted = over.aborted ? Promise.resolve() : once(over, 'abort', { signal });
  const late = aborted.then(() => delay(CLOSE_GRACE_MS, undefined, { signal }));
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
  }
}

function hasEnded(report: BlockReport): report is EndedBlock {
  const { jobId, status } = report;
  return jobId !== undefined && status !== undefined && TERMINAL_JOB_STATES.has(status.state);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
