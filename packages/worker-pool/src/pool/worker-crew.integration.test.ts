import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { type ManagerEvent } from '../manager/protocol.js';
import { FunctionStore } from './function-store.js';
import { Guardian } from './guardian.js';
import { PoolLog } from './pool-log.js';
import { WorkerCrew } from './worker-crew.js';
import { workerCommands } from './worker-launch.js';

test('a worker that cannot be started counts as one that ended at once, and can be started later', async () => {
  const scratchDir = mkdtempSync(join(tmpdir(), 'parsl-crew-'));
  const logDir = join(scratchDir, 'logs');
  const guardian = new Guardian(scratchDir);
  const log = new PoolLog(logDir, {});
  let heard: (event: ManagerEvent) => void = () => {};
  const next = () => new Promise<ManagerEvent>((resolve) => (heard = resolve));
  const settings = { poolId: 'p', blockId: 'b', workers: 1, accelerators: [], memPerWorkerGb: undefined };
  const crew = new WorkerCrew({
    commands: workerCommands({ ...settings, cpuAffinity: 'none' }),
    ...{ poolId: 'p', host: 'h', scratchDir, functions: new FunctionStore(scratchDir), guardian, log },
    emit: (event) => heard(event),
  });
  try {
    // There is no file for its output.
    rmSync(logDir, { recursive: true });
    const ended = next();
    crew.startAll();
    await expect(ended).resolves.toMatchObject({
      type: 'exited',
      rank: 0,
      end: { exitCode: 127, signal: null },
      hint: expect.stringContaining('ENOENT') as string,
    });
    new PoolLog(logDir, {}).close();
    const ready = next();
    crew.restart(0, 0);
    await expect(ready).resolves.toEqual({ type: 'ready', rank: 0 });
  } finally {
    await crew.end();
    guardian.guard([]);
    guardian.release();
    log.close();
    rmSync(scratchDir, { recursive: true, force: true });
  }
});
