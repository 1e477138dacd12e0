import { spawn, type ChildProcess } from 'node:child_process';
import type { JobId } from './contract.js';
import { shellCommand } from './shell-quote.js';

/**
 * Reads command lines until the end of its input. Those that came once are run then; one that came twice was taken back.
 * What fails is tried again twice, after one second and ten more: the scheduler may be busy. It is deaf to the signals that end a
 * terminal session.
 */
const SCRIPT = String.raw`trap '' INT TERM HUP QUIT
lines=$(cat)
IFS='
'
set -f
if command -v timeout >/dev/null; then limited() { timeout -s KILL 60 "$@"; }; else limited() { "$@"; }; fi
commands=$(printf '%s\n' "$lines" | sort | uniq -u)
for pause in 1 10 ''; do
  failed=
  for command in $commands; do
    limited sh -c "$command" || failed="$failed$command$IFS"
  done
  [ -n "$failed" ] && [ -n "$pause" ] || exit
  commands=$failed
  sleep "$pause"
done`;

/**
 * A process of its own that cancels jobs when this process is gone and could not do so itself: it was killed, or its
 * terminal was closed. Without it, a job that still waits would start some day, find nobody, and end. It lives as long as
 * there are jobs to guard; a shell that waits takes less than 1 MB and no time.
 */
export class JobGuardian {
  readonly #environment: () => NodeJS.ProcessEnv;
  readonly #lines = new Map<JobId, string>();
  #child: ChildProcess | undefined;

  /** @param environment for the commands; asked when the first of the jobs is guarded */
  constructor(environment: () => NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** The jobs that are guarded. */
  get jobs(): readonly JobId[] {
    return [...this.#lines.keys()];
  }

  /** Has a job cancelled by this command when this process is gone. */
  guard(id: JobId, cancel: readonly string[]): void {
    const line = `${shellCommand(cancel)}\n`;
    // It would be read as two.
    if (line.indexOf('\n') < line.length - 1) {
      return;
    }
    this.#lines.set(id, line);
    if (this.#child === undefined) {
      this.#start();
    } else {
      this.#child.stdin?.write(line);
    }
  }

  /** The job has ended, or is being ended. */
  release(id: JobId): void {
    const line = this.#lines.get(id);
    if (line === undefined) {
      return;
    }
    this.#lines.delete(id);
    this.#child?.stdin?.write(line);
    if (this.#lines.size === 0) {
      this.#child?.stdin?.end();
      this.#child = undefined;
    }
  }

  #start(): void {
    let child: ChildProcess;
    try {
      child = spawn('/bin/sh', ['-c', SCRIPT, 'parsl-job-guardian'], {
        stdio: ['pipe', 'ignore', 'ignore'],
        env: this.#environment(),
        cwd: '/',
        detached: true,
      });
    } catch {
      // Without a shell, or memory for one, the pools of a lost run still end by themselves.
      return;
    }
    this.#child = child;
    // It could not be started, or somebody has ended it. The next job starts another one.
    const gone = (): void => {
      if (this.#child === child) {
        this.#child = undefined;
      }
    };
    child.on('error', gone);
    child.once('exit', gone);
    child.stdin?.on('error', () => undefined);
    child.unref();
    for (const line of this.#lines.values()) {
      child.stdin?.write(line);
    }
  }
}
