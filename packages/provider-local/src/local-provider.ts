import { spawn, type ChildProcess } from 'node:child_process';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  blockLimits,
  checkOptions,
  endGroupsNow,
  jobScript,
  SubmitError,
  walltimeMs,
  type BlockLimits,
  type BlockRequest,
  type CancelOutcome,
  type ExecutionProvider,
  type JobId,
  type JobStatus,
  type Launcher,
  type NodeResources,
} from '@parsl-ts/provider';
import { LocalJob } from './local-job.js';
import { LOCAL_PROVIDER_SCHEMA, type LocalProviderOptions } from './local-provider-options.js';

/** How long blocks have to end by themselves when the process is about to exit, in ms. */
const LAST_GRACE_MS = 500;

/**
 * Runs each block on this machine, as a bash script in a process group of its own. The script and its output are
 * `<name>.sh`, `<name>.out` and `<name>.err` in the script directory. Blocks start at once; how many there are and how
 * many cores they use is not limited by anything but the options. In an allocation of a scheduler, a launcher such as
 * `SrunLauncher` starts the pools of a block on all of its nodes.
 */
export class LocalProvider implements ExecutionProvider {
  readonly label: string;
  readonly onThisHost: boolean;
  readonly carriesSecrets: boolean;
  readonly nodesPerBlock: number;
  readonly node: NodeResources;
  readonly blocks: BlockLimits;
  readonly walltimeMs?: number;
  readonly pollIntervalMs: number;
  readonly #walltime: string | undefined;
  readonly #launcher: Launcher;
  readonly #workerInit: string;
  readonly #cancelGraceMs: number;
  readonly #scriptResources: NodeResources;
  readonly #jobs = new Map<JobId, LocalJob>();
  #submitted = 0;

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: LocalProviderOptions = {}) {
    const checked = checkOptions('LocalProvider', options, LOCAL_PROVIDER_SCHEMA);
    const memory = checked.memoryGb === undefined ? {} : { memoryGb: checked.memoryGb };
    this.label = checked.label;
    this.nodesPerBlock = checked.nodesPerBlock;
    this.node = { cores: checked.cores, ...memory };
    this.blocks = blockLimits('LocalProvider', checked);
    this.#walltime = checked.walltime;
    if (checked.walltime !== undefined) this.walltimeMs = walltimeMs(checked.walltime);
    this.pollIntervalMs = checked.pollIntervalMs;
    this.carriesSecrets = checked.launcher.carriesSecrets === true;
    this.onThisHost = checked.launcher.staysOnNode === true;
    this.#launcher = checked.launcher;
    this.#workerInit = checked.workerInit;
    this.#cancelGraceMs = checked.cancelGraceMs;
    this.#scriptResources = { ...(options.cores === undefined ? {} : { cores: options.cores }), ...memory };
  }

  async submit(request: BlockRequest, signal?: AbortSignal): Promise<JobId> {
    if (!/^[\w.-]+$/.test(request.name)) {
      throw new SubmitError(request.name, "a job's name has letters, digits, '.', '_' and '-' only");
    }
    const path = join(request.scriptDir, request.name);
    const output = { stdoutPath: `${path}.out`, stderrPath: `${path}.err` };
    const files: FileHandle[] = [];
    try {
      await writeFile(`${path}.sh`, this.#script(request), { flag: 'wx', mode: 0o700 });
      files.push(await open(output.stdoutPath, 'wx'), await open(output.stderrPath, 'wx'));
      signal?.throwIfAborted();
      const child = await started(`${path}.sh`, files);
      const id = `${String(child.pid)}.${String(this.#submitted++)}`;
      this.#jobs.set(
        id,
        new LocalJob(child, output, { graceMs: this.#cancelGraceMs, walltimeMs: this.walltimeMs }),
      );
      return id;
    } catch (cause) {
      throw new SubmitError(request.name, cause instanceof Error ? cause.message : String(cause), { cause });
    } finally {
      await Promise.all(files.map((file) => file.close()));
    }
  }

  status(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobStatus>> {
    const known = new Map<JobId, JobStatus>();
    for (const id of ids) {
      const job = this.#jobs.get(id);
      if (job !== undefined) {
        known.set(id, job.status);
      }
    }
    return Promise.resolve(known);
  }

  async cancel(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, CancelOutcome>> {
    const outcomes = ids.map(async (id): Promise<[JobId, CancelOutcome]> => [
      id,
      (await this.#jobs.get(id)?.cancel()) ?? 'gone',
    ]);
    return new Map(await Promise.all(outcomes));
  }

  cancelNow(ids: readonly JobId[]): void {
    const jobs = ids
      .flatMap((id) => this.#jobs.get(id) ?? [])
      .filter((job) => job.status.state === 'running');
    for (const job of jobs) {
      job.markCancelled();
    }
    endGroupsNow(
      jobs.map((job) => job.group),
      LAST_GRACE_MS,
    );
  }

  #script(request: BlockRequest): string {
    return jobScript({
      request,
      nodesPerBlock: this.nodesPerBlock,
      launcher: this.#launcher,
      workerInit: this.#workerInit,
      node: this.#scriptResources,
      walltime: this.#walltime,
    });
  }
}

/** Starts a script in a process group of its own, in the environment of this moment. */
async function started(script: string, [stdout, stderr]: readonly FileHandle[]): Promise<ChildProcess> {
  const child = spawn('bash', [script], {
    detached: true,
    env: process.env,
    stdio: ['ignore', stdout?.fd, stderr?.fd],
  });
  if (child.pid === undefined) {
    throw await new Promise<Error>((resolve) => child.once('error', resolve));
  }
  return child;
}
