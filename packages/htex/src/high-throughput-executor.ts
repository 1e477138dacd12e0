import { randomInt } from 'node:crypto';
import { join } from 'node:path';

import type { BlockScaling, Executor, ExecutorContext, ExecutorTask } from '@parsl-ts/core';
import type { ExecutionProvider } from '@parsl-ts/provider';

import { findAddresses } from './addresses.js';
import { ExecutorClosedError, type InterchangeLost } from './errors.js';
import { checkHtexOptions, type HighThroughputExecutorOptions, type HtexOptions } from './htex-options.js';
import { ToInterchange, type BadPool, type MissingTime, type PoolNews } from './link/link-protocol.js';
import { keyFileIn, PoolAccess, wantedAddresses } from './pool-access.js';
import { whyHeld } from './submit/bad-pool-message.js';
import { ByteLimit, taskBytes } from './submit/byte-limit.js';
import { Cancellations } from './submit/cancellations.js';
import type { ConnectedManager } from './submit/connected-manager.js';
import { FunctionTable } from './submit/function-table.js';
import { InterchangeClient } from './submit/interchange-client.js';
import { longestTaskMs } from './submit/longest-task.js';
import { LostTasks } from './submit/lost-tasks.js';
import { OutstandingTasks } from './submit/outstanding-tasks.js';
import { PoolsView } from './submit/pools-view.js';
import { readResults, type ResultReceiver } from './submit/result-reader.js';
import { expectManagers, NOTHING_ASSIGNED, takeOverJournal, type Assignments } from './submit/resume-run.js';
import { packTask, TaskSender } from './submit/task-sender.js';
import { expectedWorkersPerNode } from './submit/workers-per-node.js';

/** What a worker pool that is started by hand needs beyond the executor's options. */
export interface WorkerPoolCommandOptions {
  /**
   * Name of the block that the pool counts as.
   *
   * @default 'manual'
   */
  readonly blockId?: string;
  /**
   * Where the key file is on the pool's host, if it was copied there.
   *
   * @default where it is on this host
   */
  readonly keyFile?: string;
}

/** An executor that has been started. */
interface Running {
  readonly context: ExecutorContext;
  readonly access: PoolAccess;
  readonly client: InterchangeClient;
  readonly sender: TaskSender;
  readonly functions: FunctionTable;
  readonly cancellations: Cancellations;
}

/**
 * Runs tasks in worker processes on many nodes. An interchange process on this host queues tasks and hands them to worker
 * pools, one per node, which the provider starts in blocks, or which people start by hand.
 */
export class HighThroughputExecutor implements Executor {
  readonly label: string;
  /** Present when a provider was given: the kernel starts and ends the blocks. */
  readonly scaling?: BlockScaling;
  private readonly options: HtexOptions;
  private readonly pools = new PoolsView();
  private readonly tasks = new OutstandingTasks();
  private readonly byteLimit: ByteLimit;
  private readonly receiver: ResultReceiver;
  private readonly lost = new LostTasks({
    blockEnd: async (blockId) => this.running?.context.blockEnd(blockId),
    settle: (submission, error) => {
      const cancelled = this.running?.cancellations.take(submission);
      this.take(submission)?.failed(cancelled === undefined ? error : cancelled.reason);
    },
  });
  private client: InterchangeClient | undefined;
  private running: Running | undefined;
  private closed: Promise<void> | undefined;
  /** While the interchange is started again: who had what. */
  private assignments: Assignments = NOTHING_ASSIGNED;

  /** @throws ConfigurationError for an unknown option or a wrong value, naming it */
  constructor(options: HighThroughputExecutorOptions = {}) {
    this.options = checkHtexOptions(options);
    this.label = this.options.label;
    this.byteLimit = new ByteLimit(this.label, this.options.maxOutstandingBytes);
    if (this.options.provider !== undefined) this.scaling = this.blockScaling(this.options.provider);
    this.receiver = {
      peek: (submission) => this.tasks.get(submission),
      take: (submission) => this.take(submission),
      cancelReason: (submission) => this.running?.cancellations.take(submission),
      lost: (submission, error) => this.lost.add(submission, error),
      mapStack: (task) => this.running?.functions.get(task.app).mapStack,
    };
  }

  /** Tasks that were submitted and are not settled. */
  get outstanding(): number {
    return this.tasks.size;
  }

  /** Bytes of their arguments as they travel, with about 50 bytes around those of each task. */
  get outstandingBytes(): number {
    return this.tasks.bytes;
  }

  /** Workers of the pools that get tasks; at least 1. */
  get capacity(): number {
    return Math.max(1, this.pools.workers);
  }

  /**
   * Starts the interchange.
   *
   * @throws InterchangeStartError when it cannot listen as the options say, or does not start
   */
  async start(context: ExecutorContext): Promise<void> {
    const { options, label } = this;
    const directory = join(context.runDir, label);
    const wanted = wantedAddresses(options, context.logger);
    const addresses = await findAddresses(label, wanted);
    this.mustBeOpen();
    const { heartbeatPeriodMs, heartbeatThresholdMs, selector, badNodes } = options;
    const client = new InterchangeClient(
      {
        ...{ runId: context.runId, label, listen: addresses.listen, listenOption: wanted.option },
        ...{ port: options.workerPort, portRange: options.workerPortRange, keys: undefined },
        keyFile: keyFileIn(options, directory),
        longestTaskMs: longestTaskMs(options.provider?.walltimeMs),
        logFile: join(directory, 'interchange.log'),
        ...{ heartbeatPeriodMs, heartbeatThresholdMs, selector, badNodes, seed: randomInt(2 ** 32) },
      },
      directory,
      {
        onResults: (body) => readResults(body, this.receiver),
        onPools: (news) => this.onPools(news),
        onAgain: (submissions) => {
          for (const submission of submissions) this.sendAgain(submission);
          // What was said of them found nobody.
          this.running?.cancellations.sendAgain();
        },
        onDied: (error) => {
          this.running?.context.logger.warn({ error }, 'the interchange died; another one is started');
        },
        onReplace: (journal) => {
          const isOutstanding = (submission: number) =>
            this.tasks.get(submission) !== undefined && !this.lost.has(submission);
          const { managers } = this.pools;
          this.assignments = takeOverJournal(journal, managers, isOutstanding, this.assignments);
        },
        onReplaced: () => this.resume(),
        onBadPool: (pool) => this.onBadPool(pool),
        onMissingTime: (missing) => this.onMissingTime(missing),
        onLost: (error) => this.onLost(error),
      },
    );
    this.client = client;
    const sender = new TaskSender(client);
    const cancellations = new Cancellations(client, sender);
    const functions = new FunctionTable({
      onPacked: (code, waiting) => {
        client.link.send(ToInterchange.code, code);
        for (const record of waiting) sender.send(record);
      },
      onFailed: (error, submissions) => this.failAll(submissions, error),
    });
    const port = await client.listening();
    const access = PoolAccess.of(options, { directory, addresses: addresses.pools, port });
    this.mustBeOpen();
    this.running = { context, access, client, sender, functions, cancellations };
    client.link.keepAlive(this.tasks.size > 0);
    context.logger.info({ pid: client.pid, port }, 'the interchange listens');
  }

  submit(task: ExecutorTask): void {
    const { running } = this;
    if (running === undefined) {
      task.failed(new ExecutorClosedError(this.label, 'is not running: it takes no task'));
      return;
    }
    const app = running.functions.get(task.app);
    if (app.error !== undefined) {
      task.failed(app.error);
      return;
    }
    const submission = this.tasks.add(task);
    try {
      const record = packTask(task, submission, app.index);
      const bytes = taskBytes(record);
      this.byteLimit.check(this.tasks.bytes, bytes);
      this.tasks.noteBytes(submission, bytes);
      if (app.waiting === undefined) running.sender.send(record);
      else app.waiting.set(submission, record);
    } catch (error) {
      this.tasks.take(submission);
      task.failed(error);
      return;
    }
    if (this.tasks.size === 1) running.client.link.keepAlive(true);
  }

  cancel(task: ExecutorTask, reason: unknown): void {
    const { running } = this;
    const submission = this.tasks.submissionOf(task);
    if (submission === undefined || running === undefined) return;
    if (running.functions.get(task.app).waiting?.delete(submission) === true) {
      this.take(submission)?.failed(reason);
    } else {
      running.cancellations.add(submission, reason);
    }
  }

  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  closeNow(): void {
    this.client?.endNow();
  }

  /** The worker pools that are registered. */
  connectedManagers(): readonly ConnectedManager[] {
    return this.pools.managers;
  }

  /** Ids of the blocks of which a worker pool is registered. */
  connectedBlocks(): readonly string[] {
    return this.pools.blockIds;
  }

  /**
   * Gives no further tasks to a worker pool, for good, also if it is lost and comes back. What it runs goes on; tasks that it
   * has not started go to others.
   *
   * @param id `id` of one of {@link connectedManagers}
   * @returns when the interchange has obeyed
   */
  async holdManager(id: string): Promise<void> {
    await this.client?.hold([id], []);
  }

  /**
   * The line of `sh` that starts a worker pool by hand, on any host that has Node.js and reaches this one. Its words are
   * quoted. On another host, replace what stands before `--connect` by whatever starts `parsl-worker-pool` there, unless
   * `workerPool` says it already, and copy the key file, which gives access to the run.
   *
   * @throws ExecutorClosedError before the executor has started
   */
  workerPoolCommand({ blockId = 'manual', keyFile }: WorkerPoolCommandOptions = {}): string {
    return this.access().byHand(blockId, keyFile);
  }

  private access(): PoolAccess {
    if (this.running === undefined) {
      throw new ExecutorClosedError(this.label, 'is not running: its port and its keys are not known');
    }
    return this.running.access;
  }

  private mustBeOpen(): void {
    if (this.closed !== undefined) {
      throw new ExecutorClosedError(this.label, 'was closed while it started');
    }
  }

  private blockScaling(provider: ExecutionProvider): BlockScaling {
    const { options, pools } = this;
    const secret = () => this.running?.access.secret;
    return {
      provider,
      blockErrorHandler: options.blockErrorHandler,
      get workersPerNode() {
        return Math.max(expectedWorkersPerNode(provider.node, options), pools.workersPerPool);
      },
      blockCommand: (blockId) => this.access().inBlock(blockId),
      get blockSecret() {
        return secret();
      },
      activity: () => pools.activity(),
      get needsFreshBlock() {
        return pools.needsFreshBlock;
      },
      get closedBlocks() {
        return pools.closedBlocks;
      },
      drainBlocks: async (blockIds) => {
        await this.client?.hold([], blockIds);
        await pools.idle(new Set(blockIds));
      },
      onActivity: (listener) => pools.onActivity(listener),
    };
  }

  /** Takes a task out to be settled. With nothing left to wait for, this process may end. */
  private take(submission: number): ExecutorTask | undefined {
    const task = this.tasks.take(submission);
    if (this.tasks.size === 0) this.client?.link.keepAlive(false);
    return task;
  }

  private failAll(submissions: Iterable<number>, error: unknown): void {
    for (const submission of submissions) this.take(submission)?.failed(error);
  }

  private onPools(news: PoolNews): void {
    const logger = this.running?.context.logger;
    for (const pool of news.joined) logger?.info({ ...pool }, 'a worker pool joined');
    for (const pool of news.left) {
      const fields = { ...pool };
      if (pool.lost) logger?.warn(fields, 'a worker pool was lost');
      else logger?.info(fields, 'a worker pool left');
    }
    this.pools.apply(news);
  }

  /** Tells an interchange that replaces one that died everything that it has to know. */
  private resume(): void {
    const { running, assignments } = this;
    if (running === undefined) return;
    const { client, sender, functions, cancellations } = running;
    client.link.keepAlive(this.tasks.size > 0);
    for (const code of functions.packed()) client.link.send(ToInterchange.code, code);
    expectManagers(client.link, this.pools.managers, assignments);
    // All that waits to be sent is outstanding too.
    sender.clear();
    for (const [submission] of [...this.tasks.entries()]) {
      if (this.lost.has(submission)) continue;
      const error = assignments.lost.get(submission);
      if (error === undefined) this.sendAgain(submission);
      else this.take(submission)?.failed(error);
    }
    this.assignments = NOTHING_ASSIGNED;
    this.pools.needsFreshBlock = false;
    cancellations.sendAgain();
    running.context.logger.info(
      { pid: client.pid, tasks: this.tasks.size },
      'the interchange was started again',
    );
  }

  private sendAgain(submission: number): void {
    const { running } = this;
    const task = this.tasks.get(submission);
    if (running === undefined || task === undefined) return;
    const app = running.functions.get(task.app);
    // It goes when its function is packed.
    if (app.waiting !== undefined) return;
    try {
      running.sender.send(packTask(task, submission, app.index));
    } catch (error) {
      this.take(submission)?.failed(error);
    }
  }

  private onBadPool(pool: BadPool): void {
    const because = whyHeld(pool);
    this.running?.context.logger.warn(
      { ...pool },
      `worker pool ${pool.id} of block ${pool.blockId} on ${pool.host} gets no more tasks: ${because}. ` +
        `Look at that host, and keep it out of later blocks (such as --exclude in schedulerOptions); ` +
        `option badNodes of executor '${this.label}' says when a pool is held, and badNodes: false that none is`,
    );
    this.pools.held(pool.id, because);
    // So that an interchange which replaces this one hears of it.
    void this.client?.hold([pool.id], []);
  }

  private onMissingTime({ neededMs, leftMs }: MissingTime): void {
    if (neededMs !== undefined) {
      this.running?.context.logger.warn(
        { neededMs, leftMs },
        `tasks wait: no worker pool of executor '${this.label}' has time for their timeoutMs before its block ends`,
      );
    }
    this.pools.needsFreshBlock = neededMs !== undefined;
  }

  private onLost(error: InterchangeLost): void {
    const context = this.running?.context;
    this.running = undefined;
    context?.logger.error({ error }, 'the interchange is lost');
    // First, so that tasks which are tried again are not given to this executor.
    context?.fatal(error);
    for (const task of this.tasks.takeAll()) task.failed(error);
    this.pools.clear();
  }

  private async end(): Promise<void> {
    const error = new ExecutorClosedError(this.label, 'was closed before the task had ended');
    this.running = undefined;
    for (const task of this.tasks.takeAll()) task.failed(error);
    await this.client?.close();
    this.pools.clear();
  }
}
