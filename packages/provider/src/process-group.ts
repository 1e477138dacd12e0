import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How long processes that got SIGKILL are waited for, in ms. Longer only when the kernel cannot let go of them. */
const KILL_WAIT_MS = 2000;

/**
 * A child that was spawned with `detached: true`, and all that it started in its process group.
 *
 * Signals never reach a stranger that was given the child's old process id. While Node has not told of the child's exit,
 * the id is not free, since Node collects the exit status and tells of it in one go. Afterwards the id stays taken for
 * as long as the group has a member; a process that has the id then is another one, and the group is known to be over.
 */
export class ProcessGroup {
  /** Process id of the child and of its group. */
  readonly pid: number;
  readonly #leader: ChildProcess;
  #over = false;

  /** @throws TypeError when the child was not started */
  constructor(leader: ChildProcess) {
    if (leader.pid === undefined) {
      throw new TypeError('a process that was not started has no group');
    }
    this.pid = leader.pid;
    this.#leader = leader;
  }

  /** Sends a signal to every process of the group. Returns whether there was any. */
  signal(signal: NodeJS.Signals): boolean {
    if (!this.#exists()) {
      return false;
    }
    try {
      process.kill(-this.pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether any process of the group still runs. One that has ended and was not collected does not count. */
  isRunning(): boolean {
    return this.#exists() && (listMembers(this.pid)?.some((member) => member.running) ?? true);
  }

  /** Ends the group: SIGTERM, and SIGKILL for what is left after `graceMs`. Resolves when nothing of it runs. */
  async end(graceMs: number): Promise<void> {
    this.signal('SIGTERM');
    if (!(await this.#overWithin(graceMs))) {
      await this.kill();
    }
  }

  /** Kills the group. Resolves when nothing of it runs. */
  async kill(): Promise<void> {
    if (this.signal('SIGKILL')) {
      await this.#overWithin(KILL_WAIT_MS);
    }
  }

  #exists(): boolean {
    if (this.#over) {
      return false;
    }
    const leaderEnded = this.#leader.exitCode !== null || this.#leader.signalCode !== null;
    this.#over = leaderEnded ? canSignal(this.pid) || !canSignal(-this.pid) : false;
    return !this.#over;
  }

  async #overWithin(ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    await this.#leaderExit(ms);
    for (let pauseMs = 2; this.isRunning(); pauseMs = Math.min(pauseMs * 2, 100)) {
      if (performance.now() >= deadline) {
        return false;
      }
      await delay(pauseMs);
    }
    return true;
  }

  #leaderExit(ms: number): Promise<void> {
    const leader = this.#leader;
    if (leader.exitCode !== null || leader.signalCode !== null) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        leader.off('exit', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      leader.once('exit', done);
    });
  }
}

/**
 * Ends several groups before it returns: SIGTERM, and SIGKILL for what is left after `graceMs`. For a process that is
 * about to exit; it blocks the event loop.
 */
export function endGroupsNow(groups: readonly ProcessGroup[], graceMs: number): void {
  const signalled = groups.filter((group) => group.signal('SIGTERM'));
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + graceMs;
  let left = signalled;
  for (
    let pauseMs = 2;
    left.length > 0 && performance.now() < deadline;
    pauseMs = Math.min(pauseMs * 2, 50)
  ) {
    Atomics.wait(sleeper, 0, 0, pauseMs);
    left = left.filter((group) => group.isRunning());
  }
  for (const group of left) {
    group.signal('SIGKILL');
  }
}

function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * The processes of a group, as Linux tells them; `undefined` elsewhere. Needed because a process that ended can be
 * signalled until its parent collects it, which in a container without an init never happens to orphans.
 */
function listMembers(group: number): { readonly running: boolean }[] | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }
  const members: { running: boolean }[] = [];
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(name) : undefined;
    if (stat?.group === group) {
      members.push({ running: stat.state !== 'Z' && stat.state !== 'X' });
    }
  }
  return members;
}

/** State and process group from `/proc/<pid>/stat`: the 3rd and 5th field, after a name that may hold anything. */
function readStat(pid: string): { readonly state: string; readonly group: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', , group] = text.slice(text.lastIndexOf(')') + 2).split(' ', 3);
    return { state, group: Number(group) };
  } catch {
    // It ended while the directory was being read.
    return undefined;
  }
}
