import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  TERMINAL_JOB_STATES,
  type BlockRequest,
  type ExecutionProvider,
  type JobId,
  type JobStatus,
} from '../contract.js';
import { shellQuote } from '../shell-quote.js';
import type { ConformanceSubject, ProviderWishes } from './conformance-subject.js';

/** How often a beating job beats, and how long it must not have beaten to count as gone, in ms. */
const BEAT_MS = 100;
const SILENCE_MS = 600;

/** One case's use of one provider: directories, jobs, and the end of both. */
export class Trial {
  readonly provider: ExecutionProvider;
  readonly subject: ConformanceSubject;
  readonly timeoutMs: number;
  readonly #root: string;
  readonly #jobs: JobId[] = [];
  #names = 0;

  constructor(subject: ConformanceSubject, provider: ExecutionProvider, root: string) {
    this.subject = subject;
    this.provider = provider;
    this.timeoutMs = subject.timeoutMs ?? 30_000;
    this.#root = root;
  }

  /** Makes a provider and a directory, runs, and leaves nothing behind. */
  static async run(
    subject: ConformanceSubject,
    wishes: ProviderWishes,
    body: (trial: Trial) => Promise<void>,
  ): Promise<void> {
    const root = await mkdtemp(join(subject.directory ?? tmpdir(), 'conformance-'));
    try {
      const trial = new Trial(subject, subject.create(wishes), root);
      await trial.directory('scripts');
      try {
        await body(trial);
      } finally {
        await trial.provider.cancel(trial.#jobs);
      }
    } finally {
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** Path of something in the case's own directory. */
  path(name: string): string {
    return join(this.#root, name);
  }

  /** Makes a directory in the case's own, and gives its path. */
  async directory(name: string): Promise<string> {
    const path = this.path(name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** A request to run a line of `sh`, under a name that no other request has. */
  request(command: string, changes: Partial<BlockRequest> = {}): BlockRequest {
    const name = `parsl.conformance.block-${String(this.#names++)}`;
    return { name, command, tasksPerNode: 1, scriptDir: this.path('scripts'), ...changes };
  }

  /** Submits a line of `sh`. The job is cancelled at the end of the case. */
  async submit(command: string, changes: Partial<BlockRequest> = {}): Promise<JobId> {
    const id = await this.provider.submit(this.request(command, changes));
    assert.equal(typeof id, 'string', 'a job id is a string');
    assert.notEqual(id, '', 'a job id is not empty');
    this.#jobs.push(id);
    return id;
  }

  /** A line of `sh` that beats in a file until it is killed. */
  beat(name: string): string {
    return `while :; do echo x >> ${shellQuote(this.path(name))}; sleep ${String(BEAT_MS / 1000)}; done`;
  }

  /** The same, and a process of its own that beats too. */
  beating(name: string): string {
    return `sh -c ${shellQuote(this.beat(name))} & ${this.beat(name)}`;
  }

  /** Waits until something beats in the file. */
  async beats(name: string): Promise<void> {
    await this.until(`a beat in ${name}`, async () => (await sizeOf(this.path(name))) > 0);
  }

  /** Fails if anything still beats in the file; where jobs linger, if it does not stop in time. */
  async assertSilent(name: string): Promise<void> {
    if (this.subject.lingers === true) {
      await this.silence(name);
    } else {
      assert.ok(await this.#isSilent(name), 'a process of the job still runs');
    }
  }

  /** Waits until nothing beats in the file any more. */
  async silence(name: string): Promise<void> {
    await this.until('the end of all processes of the job', () => this.#isSilent(name));
  }

  async #isSilent(name: string): Promise<boolean> {
    const before = await sizeOf(this.path(name));
    await delay(SILENCE_MS);
    return (await sizeOf(this.path(name))) === before;
  }

  /** Waits until a condition holds. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + this.timeoutMs;
    while (!(await condition())) {
      assert.ok(performance.now() < deadline, `${what}: not within ${String(this.timeoutMs)} ms`);
      await delay(Math.min(50, this.provider.pollIntervalMs));
    }
  }

  /** What the provider says of jobs. While the scheduler is late with its answers, it is asked again. */
  async statuses(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobStatus>> {
    const deadline = performance.now() + this.timeoutMs;
    for (;;) {
      try {
        return await this.provider.status(ids);
      } catch (error) {
        if (!isSchedulerFailure(error) || performance.now() >= deadline) {
          throw error;
        }
      }
      await delay(this.provider.pollIntervalMs);
    }
  }

  /** What the provider says of a job, which it must know. */
  async status(id: JobId): Promise<JobStatus> {
    const status = (await this.statuses([id])).get(id);
    assert.ok(status, `status has nothing about job ${id}, which was submitted`);
    return status;
  }

  /** Waits until the provider says that a job has ended. */
  async ended(id: JobId): Promise<JobStatus> {
    const states = new Set<string>();
    const deadline = performance.now() + this.timeoutMs;
    for (;;) {
      const status = await this.status(id);
      states.add(status.state);
      if (TERMINAL_JOB_STATES.has(status.state)) {
        return status;
      }
      const seen = `${[...states].join(', ')} within ${String(this.timeoutMs)} ms`;
      assert.ok(performance.now() < deadline, `job ${id} has not ended: ${seen}`);
      await delay(this.provider.pollIntervalMs);
    }
  }

  /** Waits until the provider says that a job runs, which it may do a while after the job has begun. */
  async running(id: JobId): Promise<void> {
    const deadline = performance.now() + this.timeoutMs;
    for (;;) {
      const { state } = await this.status(id);
      if (state === 'running') {
        return;
      }
      assert.ok(!TERMINAL_JOB_STATES.has(state), `job ${id} is ${state}, but it runs`);
      assert.ok(performance.now() < deadline, `job ${id} is ${state}, not running`);
      await delay(this.provider.pollIntervalMs);
    }
  }

  /** Text of a file, which may come late over a shared file system. */
  async text(path: string): Promise<string> {
    await this.until(`the file ${path}`, async () => (await sizeOf(path)) > 0);
    return readFile(path, 'utf8');
  }

  /** Names of the files in a directory. */
  async files(path: string): Promise<readonly string[]> {
    return readdir(path);
  }
}

/** Whether a provider rejects because its scheduler does not answer, as it may. */
export function isSchedulerFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'PARSL_SCHEDULER';
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
