import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ProcessGroup } from './process-group.js';
import { SchedulerError } from './scheduler-errors.js';
import { shellCommand } from './shell-quote.js';

/** How a command is run. */
export interface RunCommandOptions {
  /** The command and all that it started are killed after this time, in ms. */
  readonly timeoutMs: number;
  /** Kills the command when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Its environment.
   *
   * @default process.env as it is then
   */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Text for the command's standard input, which is empty otherwise. */
  readonly input?: string | undefined;
  /**
   * Most bytes taken from standard output and from standard error each. A command that writes more is killed.
   *
   * @default 33554432
   */
  readonly maxOutputBytes?: number;
}

/** A command that ended by itself. */
export interface CommandResult {
  /** Its exit code; `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long output is waited for once the command itself has ended, in ms: something it left behind may hold it open. */
const DRAIN_MS = 200;

/**
 * How long it is waited for once nothing of the command's process group runs, in ms. What is left to read then has been
 * written before, and only a busy event loop has kept it from being read.
 */
const READ_MS = 2000;

/**
 * Runs a command-line scheduler's command: argv without a shell, in `process.env` and the directory of this moment, in a
 * process group of its own that is killed whole when time is up. Nothing it started outlives it. Any exit code is a
 * result; what it means is for the caller to say.
 *
 * @throws SchedulerError when it cannot be started, takes too long, writes too much or is aborted
 */
export async function runCommand(
  argv: readonly string[],
  options: RunCommandOptions,
): Promise<CommandResult> {
  const [file, ...args] = argv;
  if (file === undefined) {
    throw new TypeError('a command needs at least its name');
  }
  if (options.signal?.aborted === true) {
    throw new SchedulerError(`${file} was not run: aborted`, { command: argv, cause: options.signal.reason });
  }
  const child = spawn(file, args, {
    detached: true,
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) {
    throw await startFailure(child, argv);
  }
  // A command that does not read its input closes the pipe, which is no fault.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const output = new Output(child, options.maxOutputBytes ?? 32 * 1024 * 1024);
  const read = new AbortController();
  const closed = new Promise<void>((resolve) => child.once('close', resolve));
  const stopped = await endOf(child, output, options);
  await new ProcessGroup(child).kill();
  if (stopped === undefined) {
    await Promise.race([closed, delay(READ_MS, undefined, { signal: read.signal }).catch(() => undefined)]);
    read.abort();
  }
  output.close();
  const texts = { stdout: output.text('stdout'), stderr: output.text('stderr') };
  if (stopped !== undefined) {
    throw new SchedulerError(`${shellCommand(argv)} ${stopped.why}`, {
      command: argv,
      cutShort: true,
      ...texts,
      ...stopped.data,
    });
  }
  return { exitCode: child.exitCode ?? undefined, signal: child.signalCode ?? undefined, ...texts };
}

/** Why a command had to be stopped. */
interface Stopped {
  readonly why: string;
  readonly data?: { readonly cause: unknown };
}

/** Resolves when the command has ended, with `undefined`, or as soon as it has to be stopped. */
function endOf(
  child: ChildProcess,
  output: Output,
  options: RunCommandOptions,
): Promise<Stopped | undefined> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve) => {
    let drain: NodeJS.Timeout | undefined;
    const finish = (stopped?: Stopped): void => {
      clearTimeout(timer);
      clearTimeout(drain);
      signal?.removeEventListener('abort', onAbort);
      resolve(stopped);
    };
    const onAbort = (): void => {
      finish({ why: 'was aborted', data: { cause: signal?.reason } });
    };
    const timer = setTimeout(() => {
      finish({ why: `did not end within ${String(timeoutMs)} ms and was killed` });
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    output.onFull = () => {
      finish({ why: `wrote more than ${String(output.limit)} bytes and was killed` });
    };
    child.once('exit', () => {
      drain = setTimeout(finish, DRAIN_MS);
    });
    child.once('close', () => {
      finish();
    });
  });
}

/** Gathers what a command writes, up to a limit for each of its two streams. */
class Output {
  readonly limit: number;
  onFull: (() => void) | undefined;
  readonly #streams: readonly Readable[];
  readonly #chunks = { stdout: new Array<Buffer>(), stderr: new Array<Buffer>() };

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, limit: number) {
    this.limit = limit;
    this.#streams = [child.stdout, child.stderr];
    this.#gather(child.stdout, this.#chunks.stdout);
    this.#gather(child.stderr, this.#chunks.stderr);
  }

  text(stream: 'stdout' | 'stderr'): string {
    return Buffer.concat(this.#chunks[stream]).toString('utf8');
  }

  close(): void {
    for (const stream of this.#streams) {
      stream.destroy();
    }
  }

  #gather(stream: Readable, chunks: Buffer[]): void {
    let left = this.limit;
    stream.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) {
        this.onFull?.();
      } else {
        chunks.push(chunk);
      }
    });
    stream.on('error', () => undefined);
  }
}

async function startFailure(child: ChildProcess, argv: readonly string[]): Promise<SchedulerError> {
  const cause = await new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
  const file = argv[0] ?? '';
  const why =
    cause.code === 'ENOENT'
      ? 'there is no such command here. Run this on a host where it can be run, with its directory in PATH'
      : cause.message;
  return new SchedulerError(`cannot run ${file}: ${why}`, { command: argv, cause });
}
