import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Context } from 'zeromq';
import { expect, test } from 'vitest';

import { AssignmentJournal } from '../link/assignment-journal.js';
import { FrameLink } from '../link/frame-link.js';
import { connection } from '../testing/connection.js';
import { useRunDirectory } from '../testing/run-directory.js';
import { registration, SimulatedRun } from '../testing/simulated-run.js';
import { Interchange } from './interchange.js';
import { JsonLog } from './json-log.js';
import { PoolSocket } from './pool-socket.js';

const run = useRunDirectory();

test('whoever ends it once more waits for the same end', async () => {
  const [here, there] = await connection();
  const files = ['a', 'b'].map((name) => openSync(join(run.path, name), 'w+')) as [number, number];
  const link = new FrameLink(
    { reading: here, writing: here },
    { onFrame: () => undefined, onEnd: () => undefined },
  );
  const { state } = new SimulatedRun();
  const log = new JsonLog(join(run.path, 'interchange.log'));
  const interchange = new Interchange(state, link, new AssignmentJournal(files), log);
  const pools = new PoolSocket(new Context(), undefined, {
    onMessage: () => undefined,
    onTurn: () => undefined,
    onUnreachable: () => undefined,
  });
  try {
    interchange.serve(pools);
    state.register('pool', registration(), performance.now());
    const asked = interchange.close();
    let hasEnded = false;
    const askedAgain = interchange.close().then(() => (hasEnded = true));
    await setImmediate();
    expect(hasEnded).toBe(false);
    state.goodbye('pool');
    interchange.flush();
    await askedAgain;
    expect(pools.router.closed).toBe(true);
    await asked;
  } finally {
    there.destroy();
    link.destroy();
    for (const file of files) closeSync(file);
  }
});
