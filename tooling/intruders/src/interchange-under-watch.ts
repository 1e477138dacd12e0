import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { HighThroughputExecutor } from '@parsl-ts/htex';
import { parsePoolKeys } from '@parsl-ts/wire';

import type { Target } from '@parsl-ts-internal/other-hosts';

/** Linux counts the time of processes in hundredths of a second, on every machine. */
const TICK_MS = 10;

/** The interchange of a run, seen from outside. */
export class InterchangeUnderWatch {
  readonly target: Target;
  private readonly pid: number;

  private constructor(target: Target, pid: number) {
    this.target = target;
    this.pid = pid;
  }

  /** @param directory The executor's directory of the run. */
  static async of(executor: HighThroughputExecutor, directory: string): Promise<InterchangeUnderWatch> {
    const endpoint = /tcp:[^ ,]+/.exec(executor.workerPoolCommand())?.[0];
    const keys = parsePoolKeys(await readFile(join(directory, 'certificates', 'pool.json'), 'utf8'));
    const pid = /"pid":(\d+)/.exec(await readFile(join(directory, 'interchange.log'), 'utf8'))?.[1];
    if (endpoint === undefined || pid === undefined) throw new Error('the interchange is not found');
    return new InterchangeUnderWatch({ endpoint, keys }, Number(pid));
  }

  /** Of all its threads since its start. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return TICK_MS * (Number(fields[11]) + Number(fields[12]));
  }

  /** That it has open. */
  descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }
}
