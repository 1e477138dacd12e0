import { TERMINAL_JOB_STATES, type JobId, type JobStatus } from '@parsl-ts/provider';
import type { BlockActivity, BlockReport } from '../executor.js';

/**
 * Where a block is on its way.
 *
 * - `submitting`: the provider has been asked, and has not answered
 * - `live`: there is a job
 * - `draining`: it gets no more tasks, and is cancelled when its tasks have ended
 * - `cancelling`: the provider is to cancel it, or has, and the scheduler has not confirmed
 * - `ended`: nothing is left of it
 */
type Phase = 'submitting' | 'live' | 'draining' | 'cancelling' | 'ended';

/** A block that has a job. */
export interface BlockJob {
  readonly blockId: string;
  readonly jobId: JobId;
}

/** One block from the wish for it to its end. */
export class Block {
  readonly id: string;
  phase: Phase = 'submitting';
  jobId: JobId | undefined;
  status: JobStatus | undefined;
  error: Error | undefined;
  /** Whether a worker pool of it has ever registered. */
  registered = false;
  /** What its pools did when last looked at. */
  activity: BlockActivity | undefined;
  /** Since when its job runs without any pool, in ms; `undefined`: it has one, or does not run. */
  lonelySince: number | undefined;
  /** Whether it was told that it has been so for too long. */
  toldLonely = false;
  /** When to ask the provider to cancel it, once it is `cancelling`; `Infinity`: it is being asked. */
  cancelAt = -Infinity;
  /** Why none of its pools gets tasks; `undefined`: one does, or there is none. */
  closed: 'draining' | 'held' | undefined;
  /** Whether it was ended by the kernel. */
  scaledIn = false;

  constructor(id: string) {
    this.id = id;
  }

  /** Whether it may still run tasks: a held job does not start by itself. */
  get useful(): boolean {
    if (this.phase === 'submitting') return true;
    return this.phase === 'live' && this.status?.state !== 'held' && this.closed === undefined;
  }

  /** Whether its job runs, and no pool of it is there: it has not come yet, was lost, or is to come again. */
  get lonely(): boolean {
    return this.phase === 'live' && this.status?.state === 'running' && (this.activity?.managers ?? 0) === 0;
  }

  /** Lets it drain, to be cancelled afterwards. Returns its id. */
  giveBack(): string {
    this.phase = 'draining';
    this.scaledIn = true;
    return this.id;
  }

  /** Takes what the scheduler says now. Returns whether the block has ended with it. */
  update(status: JobStatus): boolean {
    this.status = status;
    return TERMINAL_JOB_STATES.has(status.state);
  }

  report(): BlockReport {
    return {
      blockId: this.id,
      jobId: this.jobId,
      outcome: this.#outcome(),
      registered: this.registered,
      status: this.status,
      error: this.error,
    };
  }

  #outcome(): BlockReport['outcome'] {
    if (this.scaledIn) {
      return 'scaled-in';
    }
    if (this.phase === 'ended') {
      if (this.jobId === undefined) {
        return 'not-submitted';
      }
      return this.registered ? (this.status?.state ?? 'missing') : 'missing';
    }
    return this.status?.state ?? 'pending';
  }
}
