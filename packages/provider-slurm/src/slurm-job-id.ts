import type { JobId } from '@parsl-ts/provider';

/**
 * Reads what `sbatch --parsable` prints: `123`, or `123;east` where several clusters are to choose from. Other lines are
 * greetings of the site. `undefined`: there is no id.
 */
export function readParsable(stdout: string): JobId | undefined {
  return [...stdout.matchAll(/^\d+(?:;\S+)?$/gm)].at(-1)?.[0];
}

/** A job's number, the way commands take it and print it. */
export function jobNumber(id: JobId): string {
  return id.split(';', 1)[0] ?? id;
}

/** The cluster of a job; `undefined`: the one that commands speak to unless told otherwise. */
export function clusterOf(id: JobId): string | undefined {
  return /;(.+)$/.exec(id)?.[1];
}

/**
 * The number of the job that a line of a table is about. One job has several lines if it is an array (`123_4`,
 * `123_[5-7%2]`) or has parts of different kinds (`123+0`).
 */
export function numberOfPart(printed: string): string | undefined {
  return /^\d+(?=$|[_+.])/.exec(printed)?.[0];
}

/** Whether a line is about one part of a job (`123_4`, `123+0`), rather than all of it or parts that wait together. */
export function isOnePart(printed: string): boolean {
  return /^\d+[_+]\d+$/.test(printed);
}

/** Jobs by cluster, each by the number that the cluster prints. */
export function byCluster(
  ids: readonly JobId[],
): ReadonlyMap<string | undefined, ReadonlyMap<string, JobId>> {
  const clusters = new Map<string | undefined, Map<string, JobId>>();
  for (const id of ids) {
    const cluster = clusterOf(id);
    const jobs = clusters.get(cluster) ?? new Map<string, JobId>();
    clusters.set(cluster, jobs.set(jobNumber(id), id));
  }
  return clusters;
}

/** What tells a command which cluster it is about. */
export function clusterArgument(cluster: string | undefined): readonly string[] {
  return cluster === undefined ? [] : [`--clusters=${cluster}`];
}
