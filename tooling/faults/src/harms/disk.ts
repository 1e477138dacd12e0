import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Combination } from '../combination.js';
import type { FaultyRun } from '../faulty-run.js';
import { planFor } from '../moments.js';
import type { Setup } from '../setup.js';

/** Runs the rest of its arguments with a small disk mounted at the first, which only that process and its children see. */
const WITH_DISK = 'mkdir "$0" && mount -t tmpfs -o size=4m none "$0" && exec "$@"';

/** Why no disk can be mounted here; `undefined`: one can. */
export function mountMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting a disk needs root';
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `mount namespaces do not work here: ${String(error)}`;
  }
}

/** The disk of the run's directory fills up, and has room again when all tasks have ended. */
export function fullDisk({ when }: Combination): Setup {
  let filler = '';
  return {
    plan: {
      ...planFor({ who: 'manager', when }),
      ...(when === 'starting' ? { holdAtStart: undefined } : {}),
      prefix: (directory) => ['unshare', '--mount', 'sh', '-c', WITH_DISK, `${directory}/faulty`],
    },
    by: when === 'starting' ? 'submit process' : 'manager',
    harm: {
      strike: (run) => {
        filler = fillerOf(run);
        fill(filler);
      },
      lastsMs: Infinity,
      relent: () => rmSync(filler),
    },
    [Symbol.dispose]: () => undefined,
  };
}

/** A file on the disk that the processes of the case see. */
function fillerOf(run: FaultyRun): string {
  return `/proc/${run.child.pid}/root${run.directory}/faulty/filler`;
}

function fill(path: string): void {
  const fd = openSync(path, 'w');
  try {
    for (let bytes = 2 ** 16; bytes >= 1;) {
      try {
        writeSync(fd, Buffer.alloc(bytes));
      } catch {
        bytes /= 2;
      }
    }
  } finally {
    closeSync(fd);
  }
}
