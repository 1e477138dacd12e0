import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  BlockLimits,
  BlockRequest,
  CancelOutcome,
  ExecutionProvider,
  JobId,
  JobStatus,
  NodeResources,
} from './contract.js';
import { inBatches } from './in-batches.js';
import { JobGuardian } from './job-guardian.js';
import { outputTail } from './output-tail.js';
import { SchedulerCommands } from './scheduler-commands.js';
import type { SchedulerDialect } from './scheduler-dialect.js';
import { schedulerEnvironment } from './scheduler-environment.js';
import { SubmittedJobs } from './submitted-jobs.js';
import { submitError, Submitter } from './submitter.js';

/** What cancelling at the last moment may take in all, in ms. */
const LAST_CANCEL_MS = 5000;

/** File in the script directory that says which job runs which script: one line a job, its id and the script's name. */
const JOBS_FILE = 'jobs.txt';

/** What a {@link CommandLineProvider} is made of. */
export interface CommandLineProviderSetup {
  /** Short name of the scheduler, for log lines. */
  readonly label: string;
  readonly dialect: SchedulerDialect;
  /**
   * What each job asks for, in the user's words, for the error of one that the scheduler refuses: its own words often leave
   * out which account it was that is none.
   *
   * @default the error has the scheduler's words only
   */
  readonly asksFor?: string | undefined;
  readonly nodesPerBlock: number;
  readonly node: NodeResources;
  readonly blocks: BlockLimits;
  /** See {@link ExecutionProvider.carriesSecrets}. The script of a job is for its user only, here. @default false */
  readonly carriesSecrets?: boolean;
  /** How long a block may run, in ms. @default no limit */
  readonly walltimeMs?: number | undefined;
  /** How long a status stays good enough, in ms. */
  readonly pollIntervalMs: number;
  /** How long each command may take, in ms. It is killed then, with all that it started. */
  readonly commandTimeoutMs: number;
  /** Ids in one command at most. */
  readonly idsPerCommand: number;
  /**
   * The same for the command that asks for states: more where it tells of all jobs anyway.
   *
   * @default idsPerCommand
   */
  readonly idsPerStatusCommand?: number | undefined;
  /**
   * How long a job may be unknown to the scheduler before it is taken for ended, in ms.
   *
   * @default 60000
   */
  readonly missingPatienceMs?: number | undefined;
  /**
   * How long the work of a submit command that was killed may take to show, in ms.
   *
   * @default 3000
   */
  readonly settleMs?: number | undefined;
}

/**
 * A provider over a scheduler's commands. The {@link SchedulerDialect} knows their words; this runs them, on the submit
 * host and in the environment of the moment, and keeps what they told: a terminal state stays, a job that no command
 * shows yet is pending, and a command that fails changes nothing. A request `name` has the files `name.sh`, `name.out`
 * and `name.err` in the script directory, which only their owner can read; the scheduler knows the job by that name and
 * a few more letters, which no other job has. `jobs.txt` there says which job is which. Jobs end with this process: those
 * that were not cancelled when it is killed are cancelled by a shell that has waited for that.
 */
export class CommandLineProvider implements ExecutionProvider {
  readonly label: string;
  readonly nodesPerBlock: number;
  readonly node: NodeResources;
  readonly blocks: BlockLimits;
  readonly carriesSecrets: boolean;
  readonly walltimeMs?: number;
  readonly pollIntervalMs: number;
  readonly #dialect: SchedulerDialect;
  readonly #commands: SchedulerCommands;
  readonly #submitter: Submitter;
  readonly #jobs: SubmittedJobs;
  readonly #guardian: JobGuardian;
  readonly #idsPerCommand: number;
  readonly #idsPerStatusCommand: number;

  constructor(setup: CommandLineProviderSetup) {
    const { dialect, idsPerCommand } = setup;
    this.label = setup.label;
    this.nodesPerBlock = setup.nodesPerBlock;
    this.node = setup.node;
    this.blocks = setup.blocks;
    this.carriesSecrets = setup.carriesSecrets ?? false;
    if (setup.walltimeMs !== undefined) this.walltimeMs = setup.walltimeMs;
    this.pollIntervalMs = setup.pollIntervalMs;
    this.#dialect = dialect;
    this.#commands = new SchedulerCommands(setup.commandTimeoutMs, dialect);
    this.#submitter = new Submitter({
      dialect,
      commands: this.#commands,
      settleMs: setup.settleMs ?? 3000,
      asksFor: setup.asksFor,
    });
    this.#jobs = new SubmittedJobs(setup.missingPatienceMs ?? 60_000);
    this.#guardian = new JobGuardian(() => schedulerEnvironment(dialect));
    this.#idsPerCommand = idsPerCommand;
    this.#idsPerStatusCommand = setup.idsPerStatusCommand ?? idsPerCommand;
  }

  async submit(request: BlockRequest, signal?: AbortSignal): Promise<JobId> {
    const { name, scriptDir } = request;
    const path = join(scriptDir, name);
    const files = { scriptPath: `${path}.sh`, stdoutPath: `${path}.out`, stderrPath: `${path}.err` };
    const job = { ...request, name: `${name}.${randomBytes(4).toString('hex')}` };
    try {
      await writeFile(files.scriptPath, this.#dialect.script(job, files), { flag: 'wx', mode: 0o700 });
    } catch (cause) {
      throw submitError(name, cause);
    }
    const id = await this.#submitter.submit(name, job.name, this.#dialect.submit(job, files), signal);
    this.#jobs.add(id, { stdoutPath: files.stdoutPath, stderrPath: files.stderrPath });
    this.#guardian.guard(id, this.#dialect.cancel([id]).argv);
    await noteJob(scriptDir, `${id} ${name}`);
    return id;
  }

  async status(ids: readonly JobId[], signal?: AbortSignal): Promise<ReadonlyMap<JobId, JobStatus>> {
    await this.#submitter.clearDoubts();
    const open = ids.filter((id) => this.#jobs.isOpen(id));
    const batches = inBatches(open, this.#idsPerStatusCommand);
    const news = await this.#commands.askAll(batches, (some) => this.#dialect.status(some), signal);
    const now = performance.now();
    news.jobs.forEach((status, id) => {
      this.#jobs.told(id, status);
    });
    for (const [id, verdict] of [...news.missing].filter(([missing]) => !news.jobs.has(missing))) {
      const end = await this.#writtenEnd(id);
      if (end === undefined) {
        this.#jobs.missing(id, verdict, now);
      } else {
        this.#jobs.told(id, end);
      }
    }
    news.unasked.forEach((id) => {
      this.#jobs.unanswered(id);
    });
    this.#letGo();
    if (news.failure !== undefined && open.every((id) => news.unasked.has(id))) {
      throw news.failure;
    }
    return new Map(
      ids.flatMap((id) => {
        const status = news.unasked.has(id) ? undefined : this.#jobs.status(id);
        return status === undefined ? [] : [[id, status] as const];
      }),
    );
  }

  async cancel(ids: readonly JobId[], signal?: AbortSignal): Promise<ReadonlyMap<JobId, CancelOutcome>> {
    await this.#submitter.clearDoubts();
    const open = new Set(ids.filter((id) => this.#jobs.isOpen(id)));
    // A command that fails may have cancelled all the same.
    open.forEach((id) => {
      this.#jobs.cancelling(id, 'doubtful');
    });
    const batches = inBatches([...open], this.#idsPerCommand);
    const { jobs, unasked, failure } = await this.#commands.askAll(
      batches,
      (some) => this.#dialect.cancel(some),
      signal,
    );
    for (const [id, outcome] of jobs) {
      this.#jobs.cancelling(id, outcome === 'failed' ? 'refused' : 'accepted');
    }
    this.#letGo();
    if (failure !== undefined && unasked.size === open.size) {
      throw failure;
    }
    return new Map(ids.map((id) => [id, open.has(id) ? (jobs.get(id) ?? 'failed') : 'gone']));
  }

  cancelNow(ids: readonly JobId[]): void {
    const deadline = performance.now() + LAST_CANCEL_MS;
    const env = schedulerEnvironment(this.#dialect);
    const open = ids.filter((id) => this.#jobs.isOpen(id));
    for (const some of inBatches(open, this.#idsPerCommand)) {
      const [file = '', ...args] = this.#dialect.cancel(some).argv;
      const timeout = Math.max(1, Math.ceil(deadline - performance.now()));
      const { status } = spawnSync(file, args, { env, stdio: 'ignore', timeout, killSignal: 'SIGKILL' });
      some.forEach((id) => {
        this.#jobs.cancelling(id, status === 0 ? 'accepted' : 'doubtful');
      });
    }
    this.#letGo();
  }

  /** Jobs that have ended, or whose cancellation the scheduler has taken, need no guardian. */
  #letGo(): void {
    for (const id of this.#guardian.jobs) {
      if (!this.#jobs.mayRunOn(id)) {
        this.#guardian.release(id);
      }
    }
  }

  /** How a job ended, by what it wrote, where the scheduler does not tell. */
  async #writtenEnd(id: JobId): Promise<JobStatus | undefined> {
    const { stdoutPath, stderrPath } = this.#jobs.status(id) ?? {};
    for (const path of [stderrPath, stdoutPath]) {
      const end = this.#dialect.readEnd?.(await outputTail(path));
      if (end !== undefined) {
        return end;
      }
    }
    return undefined;
  }
}

/** Notes which job runs which script. The job exists by now, so that it matters little if this fails. */
async function noteJob(scriptDir: string, line: string): Promise<void> {
  await appendFile(join(scriptDir, JOBS_FILE), `${line}\n`).catch(() => undefined);
}
