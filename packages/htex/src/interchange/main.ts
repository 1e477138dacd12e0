import { randomInt } from 'node:crypto';
import { Socket } from 'node:net';

import type { ReadInto } from '@parsl-ts/wire';
import { Context, curveKeyPair } from 'zeromq';

import { FrameLink, readTrusted } from '../link/frame-link.js';
import { INTERCHANGE_FD } from '../link/interchange-descriptors.js';
import type { InterchangeSetup } from '../link/interchange-setup.js';
import { AssignmentJournal } from '../link/assignment-journal.js';
import { FromInterchange, ToInterchange, type RunKeys } from '../link/link-protocol.js';
import { Authenticator } from './authenticator.js';
import { BindError } from './bind-error.js';
import { DoorWatch } from './door-watch.js';
import { ExecutorReader } from './executor-reader.js';
import { Interchange } from './interchange.js';
import { InterchangeState } from './interchange-state.js';
import { JsonLog } from './json-log.js';
import { writePoolKeys } from './key-directory.js';
import { listen } from './listen.js';
import { mostManagers } from './most-managers.js';
import { isDisconnection, PoolSocket } from './pool-socket.js';
import { seededRandom } from './seeded-random.js';
import { createSelector } from './selector.js';

/** How long a manager may be away after its connection broke, in ms. */
const RECONNECT_MS = 1000;
/** How long those of an interchange that died may take to come to the one that replaces it, in ms. */
const RETURN_MS = 30_000;
/** Interchanges of a run number their questions from anywhere below this. */
const QUESTIONS = 2 ** 47;
/** How long after a SIGTERM the submit process may take to say that the run ends, in ms; else it is to have a new one. */
const TERM_MS = 1000;

/** Runs an interchange for the process that has started this one, until that says so or is gone. */
export function runInterchange(): void {
  /** Frames that come while it starts. */
  const early: [number, Buffer][] = [];
  let parts: Parts | undefined;
  const sockets = {
    reading: (onread: ReadInto) => {
      const options = { fd: INTERCHANGE_FD.orders, readable: true, writable: true, onread };
      return new Socket(options);
    },
    writing: new Socket({ fd: INTERCHANGE_FD.answers, readable: true, writable: true }),
  };
  const link = new FrameLink(sockets, {
    onFrame: (type, body) => {
      if (parts !== undefined) parts.reader.read(type, body);
      else if (type === ToInterchange.setup) void begin(readTrusted<InterchangeSetup>(body));
      else early.push([type, body]);
    },
    onTurn: () => parts?.interchange.flush(),
    onEnd: () => {
      if (parts === undefined) process.exit(0);
      parts.end();
    },
  });
  const begin = async (setup: InterchangeSetup) => {
    try {
      parts = await start(setup, link, new AssignmentJournal(INTERCHANGE_FD.journal));
    } catch (error) {
      if (!(error instanceof BindError)) throw error;
      link.sendControl(FromInterchange.failed, { option: error.option, message: error.message });
      link.end();
      return;
    }
    for (const frame of early) parts.reader.read(...frame);
    parts.interchange.flush();
  };
}

/** An interchange that listens. */
interface Parts {
  readonly interchange: Interchange;
  readonly reader: ExecutorReader;
  /** Ends all pools, then this process. */
  readonly end: () => void;
}

async function start(setup: InterchangeSetup, link: FrameLink, journal: AssignmentJournal): Promise<Parts> {
  const random = seededRandom(setup.seed);
  const log = new JsonLog(setup.logFile);
  const { runId, heartbeatPeriodMs, heartbeatThresholdMs } = setup;
  const selector = createSelector(setup.selector, random);
  const rules = {
    ...{ runId, heartbeatPeriodMs, heartbeatThresholdMs, reconnectMs: RECONNECT_MS, selector },
    returnMs: Math.min(RETURN_MS, heartbeatThresholdMs),
    mostManagers: mostManagers(),
    firstQuestion: randomInt(QUESTIONS),
    badNodes: setup.badNodes,
    longestTaskMs: setup.longestTaskMs ?? Infinity,
  };
  const state = new InterchangeState(rules);
  const interchange = new Interchange(state, link, journal, log);

  const context = new Context();
  const keys = prepareKeys(setup);
  const authenticator = keys && new Authenticator(context, [keys.pool.publicKey]);
  const door = new DoorWatch(log);
  await authenticator?.listen(door);
  const pools = new PoolSocket(context, keys?.server, {
    onMessage: (id, frames) => {
      if (isDisconnection(frames)) door.onPoolGone();
      interchange.onPoolMessage(id, frames);
    },
    onTurn: interchange.flush,
    onUnreachable: interchange.onUnreachable,
  });
  // From before it listens, or who came first would not be seen.
  const events = pools.router.events;
  const port = await listen(pools.router, setup, random);
  void door.watch(events, port);
  log.write('info', 'listening', { label: setup.label, port, listen: setup.listen, pid: process.pid });
  interchange.serve(pools);
  link.sendControl(FromInterchange.ready, { port, keys });

  const end = () => {
    void interchange.close().finally(() => {
      authenticator?.close();
      process.exit(0);
    });
  };
  process.once('SIGTERM', () => setTimeout(() => process.kill(process.pid, 'SIGTERM'), TERM_MS));
  const reader = new ExecutorReader(state, {
    onHeld: (request) => {
      interchange.flush();
      interchange.tellNews();
      link.sendControl(FromInterchange.held, { request });
    },
    onClose: end,
  });
  return { interchange, reader, end };
}

/** Without keys, everybody who reaches the port may come in. */
function prepareKeys({ keyFile, keys }: InterchangeSetup): RunKeys | undefined {
  if (keyFile === undefined || keys !== undefined) return keys;
  const made = { server: curveKeyPair(), pool: curveKeyPair() };
  try {
    writePoolKeys(keyFile, { serverKey: made.server.publicKey, ...made.pool });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BindError(
      'encrypted',
      `the keys of the worker pools cannot be stored safely: ${message}`,
      error,
    );
  }
  return made;
}
