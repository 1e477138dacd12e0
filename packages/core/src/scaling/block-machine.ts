import type { BlockLimits, CancelOutcome, JobId, JobStatus } from '@parsl-ts/provider';
import type { BlockActivity, BlockReport, BlockScaling } from '../executor.js';
import { BackOff } from './back-off.js';
import { Block, type BlockJob } from './block.js';
import { askedToCancel, dueCancellations } from './cancellations.js';
import { noneDue, type Due } from './due.js';
import { giveBackHeld, GivingBack, makeRoom } from './giving-back.js';
import { lonelyBlocks } from './lonely-blocks.js';
import { blocksWanted, type ScalingStrategy } from './strategy.js';
import type { SubmissionRate } from './submission-rate.js';

/** Requests to submit that are under way at the same time, once the scheduler has taken a block. */
const SUBMISSIONS_AT_ONCE = 8;

/** What a {@link BlockMachine} is made of. */
export interface BlockMachineOptions {
  readonly limits: BlockLimits;
  readonly strategy: ScalingStrategy;
  /** How many blocks may be submitted when. */
  readonly rate: SubmissionRate;
  /** How long blocks are idle before they are given back, in ms. */
  readonly maxIdleTimeMs: number;
  /** Gives a number from 0 to 1. */
  readonly random: () => number;
}

/** What to do now. Each block named in it is taken to be under way with that. */
export interface BlockInstructions {
  /** Blocks to submit. */
  readonly submit: readonly string[];
  /** Blocks to drain, and to cancel afterwards. */
  readonly drain: readonly string[];
  /** Blocks to cancel. */
  readonly cancel: readonly BlockJob[];
  /** Blocks whose jobs have run for a minute without any worker pool. Each is told once. */
  readonly lonely: readonly BlockReport[];
  /** When to ask again although nothing has happened by then; `undefined`: not before something happens. */
  readonly wakeAt: number | undefined;
}

/**
 * The blocks of one executor: which there are, and what is to be done about them. Pure: it is told what happened and what
 * time it is (ms, any zero point, the same as in {@link BlockActivity.idleSince}), and answers with instructions.
 */
export class BlockMachine {
  readonly #options: BlockMachineOptions;
  readonly #blocks = new Map<string, Block>();
  readonly #present = new Map<string, Block>();
  readonly #submissions: BackOff;
  readonly #starts: BackOff;
  readonly #givingBack: GivingBack;
  /** Blocks that failed, and of which it is being found out why. */
  readonly #unexplained = new Set<Block>();
  #nextId = 0;
  /** Blocks of the first ones that no scheduler has taken yet. */
  #initial: number;
  /** Whether the scheduler has ever taken a block. */
  #someTaken = false;
  #someClosed = false;
  #needsFresh = false;

  constructor(options: BlockMachineOptions) {
    this.#options = options;
    this.#submissions = new BackOff(options.random);
    this.#starts = new BackOff(options.random);
    this.#givingBack = new GivingBack(options.maxIdleTimeMs);
    this.#initial = options.limits.init;
  }

  /** Every block so far, in order of submission. */
  reports(): readonly BlockReport[] {
    return Array.from(this.#blocks.values(), (block) => block.report());
  }

  /** One of them. */
  report(blockId: string): BlockReport | undefined {
    return this.#blocks.get(blockId)?.report();
  }

  /** Whether more is going to be told of a block: its job has not ended, or it is not known yet why it failed. */
  isOpen(blockId: string): boolean {
    return this.#present.get(blockId)?.jobId !== undefined || this.isUnexplained(blockId);
  }

  /** Whether it is still to be told why the block failed. */
  isUnexplained(blockId: string): boolean {
    const block = this.#blocks.get(blockId);
    return block !== undefined && this.#unexplained.has(block);
  }

  /** The blocks of which something is left and that have a job. */
  jobs(): readonly BlockJob[] {
    return Array.from(this.#present.values()).flatMap(({ id, jobId }) =>
      jobId === undefined ? [] : [{ blockId: id, jobId }],
    );
  }

  /** Whether anything is left of any block. */
  get empty(): boolean {
    return this.#present.size === 0;
  }

  /** Whether anything is left of a block that has a job. */
  get hasJobs(): boolean {
    return this.#count((block) => block.jobId !== undefined) > 0;
  }

  /** Whether it matters soon what the pools do: blocks wait for their first pool, or may have to be given back. */
  get watchesActivity(): boolean {
    return this.#givingBack.isPending || this.#count((block) => !block.registered) > 0;
  }

  /** Whether it is still to be told why some block failed. */
  get awaitsExplanation(): boolean {
    return this.#unexplained.size > 0;
  }

  /** Whether any worker pool of the block has ever registered. */
  hasRegistered(blockId: string): boolean {
    return this.#blocks.get(blockId)?.registered === true;
  }

  /** The scheduler took the block. */
  submitted(blockId: string, jobId: JobId): void {
    const block = this.#present.get(blockId);
    if (block?.phase === 'submitting') {
      block.jobId = jobId;
      block.phase = block.scaledIn ? 'cancelling' : 'live';
      this.#someTaken = true;
      this.#submissions.succeeded();
    }
  }

  /** The scheduler did not take the block. */
  submitFailed(blockId: string, error: Error, now: number): void {
    const block = this.#present.get(blockId);
    if (block?.phase === 'submitting') {
      block.error = error;
      this.#end(block);
      this.#submissions.failed(now);
      // The first blocks are asked for until they are there, whatever the strategy.
      this.#initial = Math.min(this.#initial + 1, this.#options.limits.init);
    }
  }

  /**
   * What the scheduler says of a block's job. A block that has ended stays as it was.
   *
   * @returns whether the block failed with this, so that {@link explained} is to tell why: its job did, or it ended before
   *   any pool had come. In the latter case no other block is submitted before that is told: it may show that none will do.
   */
  jobStatus(blockId: string, status: JobStatus, now: number): boolean {
    const block = this.#present.get(blockId);
    if (block?.update(status) !== true) {
      return false;
    }
    this.#end(block);
    if (block.scaledIn || (block.registered && status.state !== 'failed')) {
      return false;
    }
    this.#starts.failed(now);
    this.#unexplained.add(block);
    return true;
  }

  /** Why a block failed. */
  explained(blockId: string, error: Error): void {
    const block = this.#blocks.get(blockId);
    if (block !== undefined) {
      block.error = error;
      this.#unexplained.delete(block);
    }
  }

  /** What the pools do, by block. */
  activity(activity: ReadonlyMap<string, BlockActivity>): void {
    for (const block of this.#present.values()) {
      block.activity = activity.get(block.id);
      if (block.activity !== undefined && block.activity.managers > 0 && !block.registered) {
        block.registered = true;
        this.#starts.succeeded();
      }
    }
  }

  /** Blocks of which no pool gets tasks, and why: see {@link BlockScaling.closedBlocks}. */
  closed(blocks: NonNullable<BlockScaling['closedBlocks']>): void {
    if (blocks.size === 0 && !this.#someClosed) {
      return;
    }
    this.#someClosed = blocks.size > 0;
    for (const block of this.#present.values()) {
      block.closed = blocks.get(block.id);
    }
  }

  /** Whether tasks wait that only a new block has time for. */
  needsFreshBlock(isTrue: boolean): void {
    this.#needsFresh = isTrue && this.#options.strategy !== 'none';
  }

  /** Nothing runs on these blocks any more. */
  drained(blockIds: readonly string[]): void {
    for (const id of blockIds) {
      const block = this.#present.get(id);
      if (block?.phase === 'draining') {
        block.phase = 'cancelling';
      }
    }
  }

  /** What came of a request to cancel a block. */
  cancelOutcome(blockId: string, outcome: CancelOutcome, now: number): void {
    const block = this.#present.get(blockId);
    if (block === undefined) {
      return;
    }
    if (outcome === 'gone') {
      this.#end(block);
    } else {
      askedToCancel(block, outcome, now);
    }
  }

  /** Takes every block for ended by the kernel from now on. */
  giveUpAll(): void {
    for (const block of this.#present.values()) {
      block.scaledIn = true;
      block.phase = block.phase === 'submitting' ? block.phase : 'cancelling';
    }
  }

  /**
   * Decides what to do.
   *
   * @param tasks tasks submitted and not settled
   * @param slotsPerBlock worker slots of one block
   * @param activity what the pools do now; asked only if blocks are to spare
   */
  decide(
    now: number,
    tasks: number,
    slotsPerBlock: number,
    activity: () => ReadonlyMap<string, BlockActivity>,
  ): BlockInstructions {
    const given = [
      ...(this.#someClosed ? giveBackHeld(this.#present.values()) : []),
      ...this.#makeRoom(activity),
    ];
    const wanted = this.#wanted(tasks, slotsPerBlock);
    const submit = wanted > 0 ? this.#submit(wanted, now) : [];
    const spare = this.#spare(-wanted, tasks, now, activity);
    const cancel = dueCancellations(this.#present.values(), now);
    const lonely = lonelyBlocks(this.#present.values(), now);
    const retryAt = wanted > submit.length ? this.#retryAt(now) : Infinity;
    const wakeAt = Math.min(spare.nextAt, retryAt, cancel.nextAt, lonely.nextAt);
    return {
      submit,
      drain: [...given, ...spare.due],
      cancel: cancel.due,
      lonely: lonely.due,
      wakeAt: wakeAt === Infinity ? undefined : wakeAt,
    };
  }

  #wanted(tasks: number, slotsPerBlock: number): number {
    const { limits, strategy } = this.#options;
    const blocks = this.#count((block) => block.useful);
    const occupied = this.#present.size;
    const wanted = blocksWanted(strategy, { tasks, blocks, occupied, slotsPerBlock, limits });
    const least = Math.max(this.#initial, this.#needsFresh ? 1 - this.#freshBlocks : 0);
    return least > 0 ? Math.max(wanted, Math.min(least, limits.max - occupied)) : wanted;
  }

  #submit(wanted: number, now: number): string[] {
    const puzzling = [...this.#unexplained].some((block) => !block.registered);
    if (puzzling || now < this.#submissions.until || now < this.#starts.until) {
      return [];
    }
    const underWay = this.#count((block) => block.phase === 'submitting');
    const unproven = this.#count((block) => block.phase === 'live' && !block.registered);
    // The first block shows whether the scheduler takes any: one fault must not be met by many blocks at once.
    const trying = !this.#someTaken || this.#submissions.failing;
    const atOnce = (trying ? 1 : SUBMISSIONS_AT_ONCE) - underWay;
    const allowed = this.#starts.failing ? Math.min(atOnce, 1 - underWay - unproven) : atOnce;
    const count = Math.max(0, Math.min(wanted, allowed, this.#options.rate.allowed(now)));
    return Array.from({ length: count }, () => this.#add(now).id);
  }

  #add(now: number): Block {
    this.#options.rate.submitted(now);
    const block = new Block(String(this.#nextId++));
    this.#blocks.set(block.id, block);
    this.#present.set(block.id, block);
    this.#initial = Math.max(0, this.#initial - 1);
    return block;
  }

  /** Gives blocks back that are too many. */
  #spare(
    spare: number,
    tasks: number,
    now: number,
    activity: () => ReadonlyMap<string, BlockActivity>,
  ): Due<string> {
    if (spare <= 0) {
      this.#givingBack.noneSpare();
      return noneDue();
    }
    this.activity(activity());
    return this.#givingBack.spare(this.#present.values(), spare, tasks, now);
  }

  /** An idle block whose time is too short for the tasks that wait makes room for one with more, where that is the only way. */
  #makeRoom(activity: () => ReadonlyMap<string, BlockActivity>): string[] {
    if (!this.#needsFresh || this.#present.size < this.#options.limits.max || this.#freshBlocks > 0) {
      return [];
    }
    this.activity(activity());
    return makeRoom(this.#present.values());
  }

  /** Blocks of which no pool has come yet. */
  get #freshBlocks(): number {
    return this.#count((block) => block.useful && !block.registered);
  }

  #retryAt(now: number): number {
    const until = Math.max(this.#submissions.until, this.#starts.until, this.#options.rate.until(now));
    return until > now ? until : Infinity;
  }

  #end(block: Block): void {
    block.phase = 'ended';
    this.#present.delete(block.id);
  }

  #count(matches: (block: Block) => boolean): number {
    let count = 0;
    for (const block of this.#present.values()) {
      count += matches(block) ? 1 : 0;
    }
    return count;
  }
}
