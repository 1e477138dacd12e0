import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parsePoolKeys, type PoolKeys } from '@parsl-ts/wire';

/**
 * The process of the interchange of an executor: it writes into its log who it is.
 *
 * @param runDir of the run
 */
export async function findInterchange(runDir: string, label: string): Promise<number> {
  const log = await readFile(join(runDir, label, 'interchange.log'), 'utf8');
  const line = log.split('\n').find((each) => each.includes('"listening"'));
  const pid = /"pid":(\d+)/.exec(line ?? '')?.[1];
  if (pid === undefined) throw new Error('the log of the interchange does not say which process it is');
  return Number(pid);
}

/** Takes from the line that starts a worker pool by hand what a simulated manager needs. */
export async function readAccess(line: string): Promise<{ address: string; keys: PoolKeys | undefined }> {
  const address = /tcp:\/\/([^ ,]+)/.exec(line)?.[1];
  if (address === undefined) throw new Error(`the command of a worker pool has no address: ${line}`);
  const keyFile = /--key-file ([^ ]+)/.exec(line)?.[1];
  const keys = keyFile === undefined ? undefined : parsePoolKeys(await readFile(keyFile, 'utf8'));
  return { address, keys };
}
