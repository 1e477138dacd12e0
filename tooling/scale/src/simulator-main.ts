// Simulates managers until it is killed, or the process that started it is gone.
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
// An orderly exit would wait until ZeroMQ has closed thousands of sockets.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
report({ is: 'ready' });

async function simulate(order: SimulatorOrder): Promise<void> {
  const { access, name, managers, workersEach, answerMs, apart, heartbeatPeriodMs } = order;
  const context = new Context({ maxSockets: managers + OTHER_SOCKETS });
  const connections: ManagerConnection[] = [];
  let registered = 0;
  let told = 0;
  const events = {
    onRegistered: () => {
      registered++;
    },
    onFailed: fail,
  };
  beatAll(connections, heartbeatPeriodMs);
  setInterval(() => {
    if (registered > told) report({ is: 'registered', managers: (told = registered) });
  }, REPORT_MS);
  for (let index = 0; index < managers; index++) {
    const manager = new SimulatedManager({ blockId: name, workers: workersEach, answerMs, apart });
    connections.push(new ManagerConnection(context, `${name}-${index}`, access, manager, events));
    if (index % OPENED_AT_ONCE === 0) await new Promise(setImmediate);
  }
}

/** Has each manager send a heartbeat once in a period, some at a time: those of real pools do not coincide either. */
function beatAll(connections: readonly ManagerConnection[], periodMs: number): void {
  let next = 0;
  setInterval(() => {
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
