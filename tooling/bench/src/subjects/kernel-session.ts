import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, load, type Executor } from '@parsl-ts/core';
import type { Session } from '../subject.js';
import { add, give, next, noop, sum, take, waitForFile } from '../tasks.js';

const apps = {
  noop: app(noop),
  next: app(next),
  add: app(add),
  sum: app(sum),
  take: app(take),
  give: app(give),
  waitForFile: app(waitForFile),
};

/** A kernel with one executor, and otherwise as it comes. */
export async function kernelSession(executor: Executor): Promise<Session> {
  const runDir = await mkdtemp(join(tmpdir(), 'bench-'));
  const dfk = await load({ executors: [executor], runDir });
  return {
    noop: (x) => apps.noop(x),
    take: (bytes) => apps.take(bytes),
    give: (size, fill) => apps.give(size, fill),
    waitForFile: (end, begun) => apps.waitForFile(end, begun),
    flow: apps,
    close: async () => {
      await dfk.close();
      await rm(runDir, { recursive: true });
    },
  };
}
