import type { JobId } from '@parsl-ts/provider';

/**
 * The job's id in the output of `qsub`: its last line that is one, `12.server` or `12`. A site may have wrapped `qsub` in
 * a script that says more.
 */
export function readJobId(stdout: string): JobId | undefined {
  return [...stdout.matchAll(/^\s*(\d+(?:\.[\w.-]+)?)\s*$/gm)].at(-1)?.[1];
}

/**
 * What tells a job from the others of its server. The rest of an id is the server's name, which one command may spell
 * with its domain and the next without.
 */
export function jobNumber(id: JobId): string {
  return id.replace(/\..*$/, '');
}
