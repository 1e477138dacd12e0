import { spawn } from 'node:child_process';
import { signal } from '@parsl-ts-internal/stress/processes';

/** Waits so many seconds, and lets a process or a group go on. */
const LET_GO = 'sleep "$0"; kill -s CONT -- "$1"';
const STOP_FIRST = `kill -s STOP -- "$1"; ${LET_GO}`;

/** Stops processes for a while. A shell lets them go on, so that they do in time whatever this process does. */
export class Pauses {
  private readonly stopped = new Set<number>();

  /**
   * @param pid a negative number is that of a group
   * @returns whether there was anybody
   */
  stop(pid: number, ms: number): boolean {
    if (!signal(pid, 'SIGSTOP')) return false;
    this.stopped.add(pid);
    shell(LET_GO, pid, ms).once('exit', () => this.stopped.delete(pid));
    return true;
  }

  /** Stops this process. */
  stopSelf(ms: number): void {
    shell(STOP_FIRST, process.pid, ms);
  }

  /** Lets all go on now. */
  letGo(): void {
    for (const pid of this.stopped) signal(pid, 'SIGCONT');
  }
}

/** Nothing of the run is in its environment: it may end after the run. */
function shell(line: string, pid: number, ms: number) {
  const child = spawn('sh', ['-c', line, String(ms / 1000), String(pid)], {
    detached: true,
    env: { PATH: process.env['PATH'] },
    stdio: 'ignore',
  });
  child.unref();
  return child;
}
