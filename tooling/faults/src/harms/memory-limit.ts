import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';

/** Where groups with a memory limit are made, and the file that takes it: version 1 of cgroups, then version 2. */
const KINDS = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
];

/** Processes that may have so much memory together; the kernel kills one that wants more. */
export class MemoryLimit implements AsyncDisposable {
  private readonly directory: string;

  /** @throws the error of the file system when there can be no such group here */
  constructor(name: string, bytes: number) {
    const kind = KINDS.find(
      ({ root, limit }) => existsSync(join(root, limit)) || existsSync(join(root, 'cgroup.subtree_control')),
    );
    if (kind === undefined) throw new Error('there are no groups of processes with a limit of memory');
    this.directory = join(kind.root, `parsl-fault-${name}`);
    mkdirSync(this.directory);
    try {
      writeFileSync(join(this.directory, kind.limit), String(bytes));
    } catch (error) {
      rmdirSync(this.directory);
      throw error;
    }
  }

  /** Puts a process under the limit, as far as what it takes from now on is concerned. */
  add(pid: number): void {
    writeFileSync(join(this.directory, 'cgroup.procs'), String(pid));
  }

  /** The group stays busy for a moment after its last process. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let tries = 100; existsSync(this.directory) && tries > 0; tries--) {
      try {
        rmdirSync(this.directory);
      } catch {
        await setTimeout(20);
      }
    }
  }
}

/** Why there can be no memory limit here; `undefined`: there can. */
export async function memoryLimitMissing(): Promise<string | undefined> {
  try {
    await using _ = new MemoryLimit(`probe-${process.pid}`, 2 ** 27);
    return undefined;
  } catch (error) {
    return `memory cannot be limited here: ${String(error)}`;
  }
}
