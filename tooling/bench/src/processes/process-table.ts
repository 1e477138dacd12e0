import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Its command line, words separated by spaces. */
  readonly command: string;
}

/** The processes that a process has started, and those that these have started, and so on. Linux only; else none. */
export function descendantsOf(pid: number): readonly ProcessEntry[] {
  const all = processes();
  const found: ProcessEntry[] = [];
  const parents = [pid];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const entry of all) {
      if (entry.parent !== parent) continue;
      found.push(entry);
      parents.push(entry.pid);
    }
  }
  return found;
}

/**
 * The CPU time that a process has used, in ms: all of its threads that have not ended. Exact to about a tick of the
 * scheduler where the kernel keeps statistics, else to 10 ms.
 *
 * @returns `undefined` when there is no such process (any more), or this is not Linux
 */
export function cpuMs(pid: number): number | undefined {
  const threads = list(`/proc/${pid}/task`);
  const times = threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/schedstat`) ?? []);
  if (times.length > 0) return times.reduce((sum, time) => sum + Number(time.split(' ', 1)[0]), 0) / 1e6;
  const fields = statFields(pid);
  // User and system time, in hundredths of a second on every Linux.
  return fields === undefined ? undefined : 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Memory that a process has in RAM, in bytes. `undefined` when there is no such process, or this is not Linux. */
export function residentBytes(pid: number): number | undefined {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return kb === undefined ? undefined : 1024 * Number(kb);
}

function processes(): readonly ProcessEntry[] {
  return list('/proc').flatMap((name): readonly ProcessEntry[] => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    const fields = statFields(pid);
    if (fields === undefined) return [];
    const command = (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
    return [{ pid, parent: Number(fields[1]), command }];
  });
}

/** The fields of `/proc/PID/stat` from the third, the state, on: the second may contain spaces and brackets. */
function statFields(pid: number): readonly string[] | undefined {
  return read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A process may end while it is looked at. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
