import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Session } from '../subject.js';

/** Does something while all workers are busy with tasks that do not end. */
export async function withBusyWorkers<T>(
  { waitForFile }: Session,
  workers: number,
  work: () => Promise<T>,
): Promise<T> {
  if (waitForFile === undefined) throw new Error('The subject cannot be kept busy');
  const dir = await mkdtemp(join(tmpdir(), 'bench-busy-'));
  const end = join(dir, 'end');
  const begun = Array.from({ length: workers }, (_, i) => join(dir, `begun-${i}`));
  const busy = begun.map((file) => waitForFile(end, file));
  try {
    while (!begun.every((file) => existsSync(file))) await setTimeout(10);
    return await work();
  } finally {
    await writeFile(end, '');
    await Promise.all(busy);
    await rm(dir, { recursive: true });
  }
}
