import type { JobId, JobStatus } from './contract.js';
import { runCommand, type CommandResult } from './run-command.js';
import type { SchedulerAnswer, SchedulerDialect, SchedulerQuestion } from './scheduler-dialect.js';
import { schedulerEnvironment } from './scheduler-environment.js';
import { SchedulerError } from './scheduler-errors.js';
import { shellCommand } from './shell-quote.js';

/** What questions about many jobs brought. What is told counts even if something else fails. */
export interface SchedulerNews<T> {
  readonly jobs: ReadonlyMap<JobId, T>;
  /** Jobs that the scheduler does not know, and what they are taken for if that stays so. */
  readonly missing: ReadonlyMap<JobId, JobStatus>;
  /** Jobs of which nothing was told because a command failed. */
  readonly unasked: ReadonlySet<JobId>;
  /** Why the first command that failed did so. */
  readonly failure: SchedulerError | undefined;
}

/** Runs a scheduler's commands, each with a time limit and in the environment of the moment, and has their answers read. */
export class SchedulerCommands {
  readonly #timeoutMs: number;
  readonly #dialect: Pick<SchedulerDialect, 'ignores'>;

  /** @param dialect says which variables the commands must not see */
  constructor(timeoutMs: number, dialect: Pick<SchedulerDialect, 'ignores'> = {}) {
    this.#timeoutMs = timeoutMs;
    this.#dialect = dialect;
  }

  /** @throws SchedulerError when it cannot be started or has to be stopped */
  run(argv: readonly string[], signal: AbortSignal | undefined): Promise<CommandResult> {
    return runCommand(argv, { timeoutMs: this.#timeoutMs, signal, env: schedulerEnvironment(this.#dialect) });
  }

  /** Asks one question after the other, and what their answers lead to. Never rejects. */
  async askAll<T>(
    batches: readonly (readonly JobId[])[],
    question: (ids: readonly JobId[]) => SchedulerQuestion<T>,
    signal: AbortSignal | undefined,
  ): Promise<SchedulerNews<T>> {
    const jobs = new Map<JobId, T>();
    const missing = new Map<JobId, JobStatus>();
    const unasked = new Set<JobId>();
    let failure: SchedulerError | undefined;
    for (const ids of batches) {
      const questions = [() => question(ids)];
      for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
        try {
          const answer = await this.ask(next(), signal);
          answer.jobs.forEach((value, id) => jobs.set(id, value));
          answer.missing?.forEach((value, id) => missing.set(id, value));
          questions.unshift(...(answer.next ?? []).map((following) => () => following));
        } catch (reason) {
          failure ??= asSchedulerError(reason);
          ids.forEach((id) => unasked.add(id));
        }
      }
    }
    const told = (id: JobId): boolean => jobs.has(id) || missing.has(id);
    return { jobs, missing, unasked: new Set([...unasked].filter((id) => !told(id))), failure };
  }

  /** @throws SchedulerError when there is no answer, and nothing to ask instead */
  async ask<T>(question: SchedulerQuestion<T>, signal: AbortSignal | undefined): Promise<SchedulerAnswer<T>> {
    let result: CommandResult;
    try {
      result = await this.run(question.argv, signal);
    } catch (reason) {
      const failure = asSchedulerError(reason);
      // A caller that has given up wants no other answer either.
      const instead = signal?.aborted === true ? undefined : question.instead?.(failure);
      if (instead === undefined) {
        throw failure;
      }
      return { jobs: new Map(), next: instead };
    }
    try {
      return question.read(result);
    } catch (cause) {
      if (cause instanceof SchedulerError) {
        throw cause;
      }
      const why = cause instanceof Error ? ` (${cause.message})` : '';
      const message = `${complaint(question.argv, result)}${why}`;
      throw new SchedulerError(message, { command: question.argv, ...result, cause });
    }
  }
}

/** What a command said instead of what was expected, in words. */
export function complaint(
  argv: readonly string[],
  { exitCode, signal, stdout, stderr }: CommandResult,
): string {
  const how =
    exitCode === undefined ? `ended by ${signal ?? 'a signal'}` : `ended with exit code ${String(exitCode)}`;
  const said = stderr.trim() === '' ? stdout.trim() : stderr.trim();
  return `${shellCommand(argv)} ${how}${said === '' ? ' and wrote nothing' : `: ${said.slice(0, 500)}`}`;
}

function asSchedulerError(reason: unknown): SchedulerError {
  return reason instanceof SchedulerError ? reason : new SchedulerError(String(reason), { cause: reason });
}
