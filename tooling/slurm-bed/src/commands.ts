import { execFile, execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Where the programs of administrators are, which not every PATH has. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/** How long a command may take, in ms. */
const COMMAND_MS = 20_000;

/** Variables of this process with `more`, and a PATH that has everything. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH, ...more };
}

/** How a command is run. */
export interface RunOptions {
  /** Its environment. @default that of this process, with a PATH that has everything */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** Runs a command and gives what it wrote. Rejects when it fails or takes too long. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const [file = '', ...args] = argv;
  const settings = { env: environment(), timeout: COMMAND_MS, killSignal: 'SIGKILL', ...options } as const;
  const { stdout } = await exec(file, args, settings);
  return stdout;
}

/** Whether there is such a program. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', name], { env: environment(), stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** How long something is tried. */
export interface Patience {
  /** Most of the time that it may take, in ms. */
  readonly ms: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** Tries until it does not reject. Rejects with the last reason when patience is over. */
export async function until(
  what: string,
  { ms, signal }: Patience,
  attempt: () => Promise<unknown>,
): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (cause) {
      signal?.throwIfAborted();
      if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`, { cause });
    }
    await delay(30);
  }
}
