/** How workers are bound to cores; `list:` is followed by one core list per worker, separated by colons. */
export type CpuAffinity = 'none' | 'block' | 'block-reverse' | 'alternating' | `list:${string}`;

/**
 * The cores of each worker, or `undefined` for `none`.
 *
 * - `block`: neighbouring cores, the first worker the first ones.
 * - `block-reverse`: the same from the last core on.
 * - `alternating`: every n-th core for n workers.
 * - `list:0-3,8:4-7,9`: as said, for two workers here.
 *
 * Each of the first three gives every worker as many cores as go evenly; what is left over is not used.
 *
 * @param cores Numbers of the cores that may be used.
 * @throws RangeError when there are fewer cores than workers, or not one list per worker.
 */
export function coresOfWorkers(
  affinity: CpuAffinity,
  cores: readonly number[],
  workers: number,
): readonly (readonly number[])[] | undefined {
  if (affinity === 'none') return undefined;
  if (affinity.startsWith('list:')) return listed(affinity.slice('list:'.length), workers);
  const each = Math.floor(cores.length / workers);
  if (each < 1) {
    throw new RangeError(
      `cpu affinity '${affinity}' needs a core for each worker, and there are ${String(cores.length)} cores for ${String(workers)} workers; use 'none' or fewer workers`,
    );
  }
  return Array.from({ length: workers }, (_, rank) => {
    switch (affinity) {
      case 'block-reverse':
        return cores.slice(cores.length - each * (rank + 1), cores.length - each * rank);
      case 'alternating':
        return cores.slice(0, each * workers).filter((_core, position) => position % workers === rank);
      default:
        return cores.slice(each * rank, each * (rank + 1));
    }
  });
}

function listed(text: string, workers: number): readonly (readonly number[])[] {
  const lists = text.split(':').map(parseCoreList);
  if (lists.length !== workers) {
    throw new RangeError(
      `cpu affinity 'list:${text}' names cores for ${String(lists.length)} workers, and there are ${String(workers)}; give one list per worker, separated by colons`,
    );
  }
  return lists;
}

/**
 * The cores of a list such as `0-3,8`.
 *
 * @throws RangeError when it is not one.
 */
export function parseCoreList(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last > 65_535) {
      throw new RangeError(`'${part}' is not a list of cores; write cores and ranges, such as 0-3,8`);
    }
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
}

/** Environment variables by which OpenMP libraries keep to these cores too. */
export function openMpEnvironment(cores: readonly number[]): Readonly<Record<string, string>> {
  return {
    OMP_NUM_THREADS: String(cores.length),
    GOMP_CPU_AFFINITY: cores.join(' '),
    KMP_AFFINITY: `explicit,proclist=[${cores.join(',')}]`,
  };
}
