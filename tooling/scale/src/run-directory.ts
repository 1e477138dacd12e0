import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives `work` a directory that is gone afterwards. */
export async function withRunDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'parsl-scale-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
