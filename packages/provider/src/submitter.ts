import { setTimeout as delay } from 'node:timers/promises';
import type { JobId } from './contract.js';
import type { CommandResult } from './run-command.js';
import { complaint, type SchedulerCommands } from './scheduler-commands.js';
import type { SchedulerDialect } from './scheduler-dialect.js';
import { SchedulerError, SubmitError, type SchedulerErrorOptions } from './scheduler-errors.js';

/** How often a job in doubt is looked for before its submission has failed. */
const LOOKS = 2;

/** A submission of which nobody knows whether the scheduler has it. */
interface Doubt {
  /** What the scheduler calls the job. */
  readonly name: string;
  /** When its submit command had ended, in ms on the clock of `performance.now()`. */
  readonly since: number;
}

/** What a {@link Submitter} is made of. */
export interface SubmitterSetup {
  readonly dialect: SchedulerDialect;
  readonly commands: SchedulerCommands;
  /** How long after its end the work of a submit command may still show, in ms. */
  readonly settleMs: number;
  /** What each job asks for, as errors of refused ones tell it. */
  readonly asksFor?: string | undefined;
}

/**
 * Submits jobs so that none is submitted twice and none is left behind, although commands may be stopped in the middle.
 * A job in doubt is looked for by its name: found at once, it is taken up as if the command had ended well. While the
 * scheduler does not answer, it stays in doubt and nothing else is submitted; found later, it is cancelled.
 */
export class Submitter {
  readonly #dialect: SchedulerDialect;
  readonly #commands: SchedulerCommands;
  readonly #settleMs: number;
  readonly #asksFor: string | undefined;
  readonly #doubts = new Set<Doubt>();
  #clearing: Promise<void> | undefined;

  constructor(setup: SubmitterSetup) {
    this.#dialect = setup.dialect;
    this.#commands = setup.commands;
    this.#settleMs = setup.settleMs;
    this.#asksFor = setup.asksFor;
  }

  /**
   * Runs a submit command, and finds out what came of it.
   *
   * @param label what the job is called in errors
   * @param name what the scheduler calls the job
   * @throws SubmitError when no job was submitted, or nobody knows
   */
  async submit(
    label: string,
    name: string,
    command: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<JobId> {
    await this.#refuseInDoubt(label);
    let result: CommandResult;
    try {
      result = await this.#commands.run(command, signal);
    } catch (cause) {
      const failure = submitError(label, cause);
      if (!failure.cutShort) {
        throw failure;
      }
      return this.#resolve(name, failure, signal);
    }
    const id = result.exitCode === 0 ? this.#dialect.readJobId(result.stdout) : undefined;
    if (id !== undefined && id !== '') {
      return id;
    }
    const answered =
      result.exitCode !== undefined &&
      result.exitCode !== 0 &&
      this.#dialect.mayHaveSubmitted?.(result) !== true;
    const unavailable = !answered || this.#dialect.isUnavailable?.(result) === true;
    const asked =
      unavailable || this.#asksFor === undefined ? '' : `\n  It was asked for by ${this.#asksFor}`;
    const message = `${complaint(command, result)}${asked}`;
    const failure = new SubmitError(label, message, { command, ...result, unavailable });
    if (answered) {
      throw failure;
    }
    return this.#resolve(name, failure, signal);
  }

  /** Cancels jobs that were in doubt and exist. Never rejects: what cannot be found out stays in doubt. */
  async clearDoubts(): Promise<void> {
    try {
      await this.#clear();
    } catch {
      // The scheduler does not answer. Whoever wants something of it is told so.
    }
  }

  async #refuseInDoubt(label: string): Promise<void> {
    try {
      await this.#clear();
    } catch (cause) {
      const names = [...this.#doubts].map(({ name }) => name).join(', ');
      const { message, ...data } = submitData(cause);
      throw new SubmitError(label, `it is not known what became of ${names}: ${message}`, {
        ...data,
        unavailable: true,
      });
    }
  }

  /** Looks for a job that may or may not have been submitted. */
  async #resolve(name: string, failure: SubmitError, signal: AbortSignal | undefined): Promise<JobId> {
    const doubt = { name, since: performance.now() };
    if (this.#dialect.find === undefined) {
      throw failure;
    }
    if (signal?.aborted === true) {
      this.#doubts.add(doubt);
      await this.clearDoubts();
      throw failure;
    }
    let absent = 0;
    for (let look = 0; look < LOOKS; look++) {
      await delay(look === 0 ? 0 : this.#settleMs);
      const found = await this.#find([name]).catch(() => undefined);
      const [id] = found?.keys() ?? [];
      if (id !== undefined) {
        return id;
      }
      absent += found === undefined ? 0 : 1;
    }
    if (absent < LOOKS) {
      this.#doubts.add(doubt);
    }
    throw failure;
  }

  #clear(): Promise<void> {
    this.#clearing ??= this.#doClear().finally(() => {
      this.#clearing = undefined;
    });
    return this.#clearing;
  }

  async #doClear(): Promise<void> {
    const doubts = [...this.#doubts];
    if (doubts.length === 0) {
      return;
    }
    const asked = performance.now();
    const found = await this.#find(doubts.map(({ name }) => name));
    const left = await this.#cancel([...found.keys()]);
    const unsettled = new Set([...found].filter(([id]) => left.has(id)).map(([, name]) => name));
    const present = new Set(found.values());
    for (const doubt of doubts) {
      const settled = present.has(doubt.name) || asked - doubt.since >= this.#settleMs;
      if (settled && !unsettled.has(doubt.name)) {
        this.#doubts.delete(doubt);
      }
    }
  }

  async #find(names: readonly string[]): Promise<ReadonlyMap<JobId, string>> {
    const question = this.#dialect.find?.(names);
    if (question === undefined) {
      return new Map();
    }
    const { jobs, failure } = await this.#commands.askAll([names], () => question, undefined);
    if (failure !== undefined) {
      throw failure;
    }
    return new Map([...jobs].filter(([, name]) => names.includes(name)));
  }

  /** Cancels jobs, and gives those of which it is not known that they end. */
  async #cancel(ids: readonly JobId[]): Promise<ReadonlySet<JobId>> {
    if (ids.length === 0) {
      return new Set();
    }
    const { jobs } = await this.#commands.askAll([ids], (some) => this.#dialect.cancel(some), undefined);
    return new Set(ids.filter((id) => (jobs.get(id) ?? 'failed') === 'failed'));
  }
}

/** Whatever went wrong before or in a submit command, as the error of the submission. */
export function submitError(label: string, cause: unknown): SubmitError {
  const { message, ...data } = submitData(cause);
  return new SubmitError(label, message, data);
}

function submitData(cause: unknown): SchedulerErrorOptions & { readonly message: string } {
  if (cause instanceof SchedulerError) {
    const { message, command, stdout, stderr, cutShort, unavailable } = cause;
    return { message, command, stdout, stderr, cutShort, unavailable, cause };
  }
  return { message: cause instanceof Error ? cause.message : String(cause), cause };
}
