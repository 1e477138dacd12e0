import { codeOf, isRight } from '@parsl-ts-internal/stress/account';

import type { Kind, SoakDone, SoakTask } from './soak-task.js';

/** What became of a task. */
export type Outcome = { readonly value: SoakDone } | { readonly error: unknown };

/** What tasks came to. */
export interface Account {
  readonly submitted: number;
  readonly settled: number;
  /** Tasks that came to what they are there for, by their kind. */
  readonly asMeant: Readonly<Record<string, number>>;
  /** Tasks that were lost with a process although they were tried again, by error code. */
  readonly lost: Readonly<Record<string, number>>;
  /** Tasks that were started more than once. */
  readonly repeated: number;
  /** What must not be, in words; empty when all is well. The first ones of many. */
  readonly wrong: readonly string[];
}

/** Errors of tasks whose process died under them. */
const LOSSES: readonly string[] = ['PARSL_WORKER_LOST', 'PARSL_MANAGER_LOST', 'PARSL_REPEATED_WORKER_LOSS'];

/** The codes of errors to which a task of its kind should come; those that work should come to a result. */
const MEANT: Readonly<Record<Kind, readonly string[]>> = {
  works: [],
  throws: ['SOAK'],
  cancelled: ['PARSL_TASK_CANCELLED'],
  late: ['PARSL_APP_TIMEOUT'],
  exits: ['PARSL_WORKER_LOST', 'PARSL_REPEATED_WORKER_LOSS'],
  oom: ['PARSL_WORKER_LOST', 'PARSL_REPEATED_WORKER_LOSS'],
};

/** More is not said of what is wrong. */
const MOST_WORDS = 50;

/**
 * Accounts for tasks as they settle. Of each it keeps two bytes, so that a long run takes no more memory than a short
 * one, as far as it matters.
 */
export class Ledger {
  /** 0: not submitted, 1: submitted, 2: settled, 3: settled with a result. */
  private state = new Uint8Array(1024);
  private starts = new Uint8Array(0);
  private submitted = 0;
  private settled = 0;
  private readonly asMeant: Record<string, number> = {};
  private readonly lost: Record<string, number> = {};
  private readonly wrong: string[] = [];

  /** The next task was submitted. Its number is the count of those before it. */
  submit(): void {
    if (this.submitted === this.state.length) {
      const longer = new Uint8Array(2 * this.submitted);
      longer.set(this.state);
      this.state = longer;
    }
    this.state[this.submitted++] = 1;
  }

  settle(task: SoakTask, outcome: Outcome): void {
    this.settled++;
    if (this.state[task.id] !== 1) this.complain(`task ${task.id} was settled more than once`);
    this.state[task.id] = 'value' in outcome ? 3 : 2;
    if ('value' in outcome) this.result(task, outcome.value);
    else this.error(task, outcome.error);
  }

  /** Something else is wrong. */
  complain(what: string): void {
    if (this.wrong.length < MOST_WORDS) this.wrong.push(what);
  }

  /** A worker has noted that it starts these tasks. */
  noteStarts(notes: string): void {
    if (this.starts.length < this.submitted) {
      const longer = new Uint8Array(this.submitted);
      longer.set(this.starts);
      this.starts = longer;
    }
    for (const line of notes.split('\n')) {
      const id = Number(line);
      if (line !== '') this.starts[id] = (this.starts[id] ?? 0) + 1;
    }
  }

  /**
   * The sum, once all has ended.
   *
   * @param tries how often a task may have been started
   * @param faults how many faults there were: no more tasks may be lost
   * @param costs how many tries these may have cost at most: no more may have been started again
   */
  close(tries: number, faults: number, costs: number): Account {
    let repeated = 0;
    let again = 0;
    for (let id = 0; id < this.submitted; id++) {
      const starts = this.starts[id] ?? 0;
      if (starts > 1) repeated++;
      again += Math.max(0, starts - 1);
      if (starts > tries) this.complain(`task ${id} was started ${starts} times`);
      if (this.state[id] === 1) this.complain(`task ${id} has no outcome`);
      if (this.state[id] === 3 && starts === 0)
        this.complain(`task ${id} has a result and was never started`);
    }
    const lost = Object.values(this.lost).reduce((sum, count) => sum + count, 0);
    if (lost > faults) this.complain(`${lost} tasks were lost, and there were ${faults} faults`);
    if (again > costs) {
      this.complain(`tasks were started again ${again} times, which faults explain for ${costs} of them`);
    }
    const { submitted, settled, asMeant, wrong } = this;
    return { submitted, settled, asMeant, lost: this.lost, repeated, wrong };
  }

  private result(task: SoakTask, done: SoakDone): void {
    // One that is cancelled too late has a result.
    const may = task.kind === 'works' || task.kind === 'cancelled';
    if (!may) this.complain(`task ${task.id}, which ${task.kind}, has a result`);
    else if (isRight(task, done)) count(this.asMeant, task.kind);
    else this.complain(`task ${task.id} has a wrong result`);
  }

  private error(task: SoakTask, error: unknown): void {
    const code = codeOf(error);
    if (MEANT[task.kind].includes(code)) count(this.asMeant, task.kind);
    else if (LOSSES.includes(code)) count(this.lost, code);
    else this.complain(`task ${task.id} (${task.kind}) failed: ${String(error)}`);
  }
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
