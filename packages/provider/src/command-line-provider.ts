import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  TERMINAL_JOB_STATES,
  type BlockLimits,
  type BlockRequest,
  type CancelOutcome,
  type ExecutionProvider,
  type JobId,
  type JobStatus,
  type NodeResources,
} from './contract.js';
import { runCommand, type CommandResult } from './run-command.js';
import type { JobFiles, SchedulerDialect, SchedulerQuestion } from './scheduler-dialect.js';
import { SchedulerError, SubmitError } from './scheduler-errors.js';
import { shellCommand } from './shell-quote.js';

/** What cancelling at the last moment may take in all, in ms. */
const LAST_CANCEL_MS = 5000;

/** What a {@link CommandLineProvider} is made of. */
export interface CommandLineProviderSetup {
  /** Short name of the scheduler, for log lines. */
  readonly label: string;
  readonly dialect: SchedulerDialect;
  readonly nodesPerBlock: number;
  readonly node: NodeResources;
  readonly blocks: BlockLimits;
  /** See {@link ExecutionProvider.carriesSecrets}. The script of a job is for its user only, here. @default false */
  readonly carriesSecrets?: boolean;
  /** How long a status stays good enough, in ms. */
  readonly pollIntervalMs: number;
  /** How long each command may take, in ms. It is killed then, with all that it started. */
  readonly commandTimeoutMs: number;
  /** Ids in one command at most. */
  readonly idsPerCommand: number;
}

/** A job that was submitted here. */
interface SubmittedJob {
  readonly files: Pick<JobFiles, 'stdoutPath' | 'stderrPath'>;
  status: JobStatus;
}

/**
 * A provider over a scheduler's commands. The {@link SchedulerDialect} knows their words; this runs them, on the submit
 * host and in the environment of the moment, and keeps what they told: a terminal state stays, a job that no command
 * shows yet is pending, and a command that fails changes nothing. A job `name` has the files `name.sh`, `name.out` and
 * `name.err` in the script directory.
 */
export class CommandLineProvider implements ExecutionProvider {
  readonly label: string;
  readonly nodesPerBlock: number;
  readonly node: NodeResources;
  readonly blocks: BlockLimits;
  readonly carriesSecrets: boolean;
  readonly pollIntervalMs: number;
  readonly #dialect: SchedulerDialect;
  readonly #commandTimeoutMs: number;
  readonly #idsPerCommand: number;
  readonly #jobs = new Map<JobId, SubmittedJob>();

  constructor(setup: CommandLineProviderSetup) {
    this.label = setup.label;
    this.nodesPerBlock = setup.nodesPerBlock;
    this.node = setup.node;
    this.blocks = setup.blocks;
    this.carriesSecrets = setup.carriesSecrets ?? false;
    this.pollIntervalMs = setup.pollIntervalMs;
    this.#dialect = setup.dialect;
    this.#commandTimeoutMs = setup.commandTimeoutMs;
    this.#idsPerCommand = setup.idsPerCommand;
  }

  async submit(request: BlockRequest, signal?: AbortSignal): Promise<JobId> {
    const path = join(request.scriptDir, request.name);
    const files = { scriptPath: `${path}.sh`, stdoutPath: `${path}.out`, stderrPath: `${path}.err` };
    const command = this.#dialect.submit(request, files);
    let result: CommandResult;
    try {
      await writeFile(files.scriptPath, this.#dialect.script(request, files), { flag: 'wx', mode: 0o700 });
      result = await this.#run(command, signal);
    } catch (cause) {
      throw notSubmitted(request.name, cause);
    }
    const id = result.exitCode === 0 ? this.#dialect.readJobId(result.stdout) : undefined;
    if (id === undefined || id === '') {
      throw new SubmitError(request.name, complaint(command, result), { command, ...result });
    }
    const { stdoutPath, stderrPath } = files;
    this.#jobs.set(id, {
      files: { stdoutPath, stderrPath },
      status: { state: 'pending', stdoutPath, stderrPath },
    });
    return id;
  }

  async status(ids: readonly JobId[], signal?: AbortSignal): Promise<ReadonlyMap<JobId, JobStatus>> {
    const open = ids.filter((id) => this.#isOpen(id));
    const told = await this.#askAll(open, (some) => this.#dialect.status(some), signal);
    for (const [id, status] of told.jobs) {
      this.#update(id, status);
    }
    if (told.failure !== undefined) {
      throw told.failure;
    }
    return new Map(
      ids.flatMap((id) => {
        const job = this.#jobs.get(id);
        return job === undefined ? [] : [[id, job.status] as const];
      }),
    );
  }

  async cancel(ids: readonly JobId[], signal?: AbortSignal): Promise<ReadonlyMap<JobId, CancelOutcome>> {
    const open = ids.filter((id) => this.#isOpen(id));
    const told = await this.#askAll(open, (some) => this.#dialect.cancel(some), signal);
    return new Map(ids.map((id) => [id, open.includes(id) ? (told.jobs.get(id) ?? 'failed') : 'gone']));
  }

  cancelNow(ids: readonly JobId[]): void {
    const deadline = performance.now() + LAST_CANCEL_MS;
    for (const some of this.#batches(ids.filter((id) => this.#isOpen(id)))) {
      const [file = '', ...args] = this.#dialect.cancel(some).argv;
      const timeout = Math.max(1, Math.ceil(deadline - performance.now()));
      spawnSync(file, args, { env: process.env, stdio: 'ignore', timeout, killSignal: 'SIGKILL' });
    }
  }

  /** Asks about many jobs, a batch at a time, and follows up. What is told counts even if something else fails. */
  async #askAll<T>(
    ids: readonly JobId[],
    question: (ids: readonly JobId[]) => SchedulerQuestion<T>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly jobs: ReadonlyMap<JobId, T>; readonly failure: SchedulerError | undefined }> {
    const jobs = new Map<JobId, T>();
    const questions = this.#batches(ids).map(question);
    let failure: SchedulerError | undefined;
    for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
      try {
        const answer = await this.#ask(next, signal);
        answer.jobs.forEach((value, id) => jobs.set(id, value));
        questions.unshift(...(answer.next ?? []));
      } catch (reason) {
        failure ??=
          reason instanceof SchedulerError ? reason : new SchedulerError(String(reason), { cause: reason });
      }
    }
    return { jobs, failure };
  }

  async #ask<T>(
    question: SchedulerQuestion<T>,
    signal: AbortSignal | undefined,
  ): Promise<ReturnType<typeof question.read>> {
    const result = await this.#run(question.argv, signal);
    try {
      return question.read(result);
    } catch (cause) {
      if (cause instanceof SchedulerError) {
        throw cause;
      }
      const message = `${complaint(question.argv, result)}${cause instanceof Error ? ` (${cause.message})` : ''}`;
      throw new SchedulerError(message, { command: question.argv, ...result, cause });
    }
  }

  #run(argv: readonly string[], signal: AbortSignal | undefined): Promise<CommandResult> {
    return runCommand(argv, { timeoutMs: this.#commandTimeoutMs, signal });
  }

  #batches(ids: readonly JobId[]): readonly (readonly JobId[])[] {
    const unique = [...new Set(ids)];
    return Array.from({ length: Math.ceil(unique.length / this.#idsPerCommand) }, (_, batch) =>
      unique.slice(batch * this.#idsPerCommand, (batch + 1) * this.#idsPerCommand),
    );
  }

  #isOpen(id: JobId): boolean {
    const job = this.#jobs.get(id);
    return job !== undefined && !TERMINAL_JOB_STATES.has(job.status.state);
  }

  #update(id: JobId, status: JobStatus): void {
    const job = this.#jobs.get(id);
    // Another question may have brought its end while this one was under way.
    if (job !== undefined && this.#isOpen(id)) {
      job.status = { ...job.files, ...status };
    }
  }
}

function notSubmitted(name: string, cause: unknown): SubmitError {
  if (cause instanceof SchedulerError) {
    const { message, command, stdout, stderr } = cause;
    return new SubmitError(name, message, { command, stdout, stderr, cause });
  }
  return new SubmitError(name, cause instanceof Error ? cause.message : String(cause), { cause });
}

/** What a command said instead of what was expected, in words. */
function complaint(argv: readonly string[], { exitCode, signal, stdout, stderr }: CommandResult): string {
  const how =
    exitCode === undefined ? `ended by ${signal ?? 'a signal'}` : `ended with exit code ${String(exitCode)}`;
  const said = stderr.trim() === '' ? stdout.trim() : stderr.trim();
  return `${shellCommand(argv)} ${how}${said === '' ? ' and wrote nothing' : `: ${said.slice(0, 500)}`}`;
}
