// Simulates managers until all of them have been told to end, or the process that started this one is gone.
import { Context } from 'zeromq';

import { ManagerConnection } from './manager-connection.js';
import { SimulatedManager } from './simulated-manager.js';
import type { SimulatorOrder, SimulatorReport } from './simulator-protocol.js';

/** Sockets that ZeroMQ keeps for itself. */
const OTHER_SOCKETS = 16;
/** Connections that are opened before answers to earlier ones are looked at. */
const OPENED_AT_ONCE = 64;
/** How often some of the managers send their heartbeat, in ms. */
const BEAT_MS = 100;
/** How often the number of registered managers is told, in ms. */
const REPORT_MS = 20;

process.once('message', (order) => void simulate(order as SimulatorOrder).catch(fail));
process.once('disconnect', () => process.exit(1));
report({ is: 'ready' });

async function simulate(order: SimulatorOrder): Promise<void> {
  const { access, name, managers, workersEach, answerMs, apart, heartbeatPeriodMs } = order;
  // The interchange may be gone before all goodbyes have left: nobody waits for them.
  const context = new Context({ maxSockets: managers + OTHER_SOCKETS, blocky: false });
  const connections: ManagerConnection[] = [];
  let registered = 0;
  let closed = 0;
  const events = {
    onRegistered: () => {
      registered++;
    },
    onClosed: () => {
      if (++closed === managers) end();
    },
    onFailed: fail,
  };
  const beats = beatAll(connections, heartbeatPeriodMs);
  let told = 0;
  const reports = setInterval(() => {
    if (registered > told) report({ is: 'registered', managers: (told = registered) });
  }, REPORT_MS);
  const end = () => {
    clearInterval(beats);
    clearInterval(reports);
    process.exitCode = 0;
    process.removeAllListeners('disconnect').disconnect();
  };
  for (let index = 0; index < managers; index++) {
    const manager = new SimulatedManager({ blockId: name, workers: workersEach, answerMs, apart });
    connections.push(new ManagerConnection(context, `${name}-${index}`, access, manager, events));
    if (index % OPENED_AT_ONCE === 0) await new Promise(setImmediate);
  }
}

/** Has each manager send a heartbeat once in a period, some at a time: those of real pools do not coincide either. */
function beatAll(connections: readonly ManagerConnection[], periodMs: number): NodeJS.Timeout {
  let next = 0;
  return setInterval(() => {
    const count = Math.ceil((connections.length * BEAT_MS) / periodMs);
    for (let left = Math.min(count, connections.length); left > 0; left--) {
      connections[next++ % connections.length]?.beat();
    }
  }, BEAT_MS);
}

function report(message: SimulatorReport): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  report({ is: 'failed', why: error instanceof Error ? error.message : String(error) });
}
