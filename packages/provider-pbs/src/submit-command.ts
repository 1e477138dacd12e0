import { basename, dirname } from 'node:path';
import type { JobFiles } from '@parsl-ts/provider';

/**
 * The command that submits a script, from within its directory: `qsub` refuses some characters in the paths of output
 * files, and Slurm's hands them to a shell as they are. The names of the files themselves have only harmless ones.
 */
export function submitCommand(qsub: readonly string[], files: JobFiles): readonly string[] {
  const { scriptPath, stdoutPath, stderrPath } = files;
  const output = ['-o', basename(stdoutPath), '-e', basename(stderrPath)];
  return [
    'sh',
    '-c',
    'cd -- "$0" && exec "$@"',
    dirname(scriptPath),
    ...qsub,
    ...output,
    basename(scriptPath),
  ];
}
