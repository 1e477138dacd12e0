import type { How, Who } from './combination.js';
import {
  closed,
  managerLate,
  managerLost,
  noCase,
  over,
  refused,
  settled,
  unharmed,
  workerLost,
  type NoCase,
  type Outcome,
} from './outcome.js';

/** What must be true after a fault at each moment, in the order of `WHEN`. */
export type Row = readonly (Outcome | NoCase)[];

const NO_REGISTRATION = noCase('a worker registers nowhere: its manager starts it');
const SHELL = noCase('the script of a block is a shell, which has no heap and no event loop');
const BY_HAND = noCase('a pool on another host is started by hand here: there is no block to give back');
const CONNECTED = noCase('a port is needed to listen and to connect, which is done by then');
const IDLE = noCase('it is idle then, so that a blocked event loop is a pause');

const WORKER_LOST = 'PARSL_WORKER_LOST';
const MANAGER_LOST = 'PARSL_MANAGER_LOST';
const EXITED = /exited with code 21 while it ran this task/;
const TERMINATED = /was killed by SIGTERM/;
const KILLED = /was killed by SIGKILL/;
const HEAP_FULL = /was killed by SIGABRT while it ran this task: .*JavaScript heap is full/;
const BROKEN = /its connection broke/;
const SILENT = /nothing was heard of it for \d+ ms/;

/** The fault matrix: who, how, when, and what must be true afterwards. */
export const TABLE: Readonly<Record<Who, Readonly<Partial<Record<How, Row>>>>> = {
  // starting, registering, task in flight, result in flight, draining, scaling in, closing
  worker: {
    exit: [
      unharmed,
      NO_REGISTRATION,
      workerLost(EXITED),
      settled(WORKER_LOST),
      workerLost(EXITED),
      unharmed,
      closed,
    ],
    SIGTERM: [
      unharmed,
      NO_REGISTRATION,
      workerLost(TERMINATED),
      settled(WORKER_LOST),
      workerLost(TERMINATED),
      unharmed,
      closed,
    ],
    SIGKILL: [
      unharmed,
      NO_REGISTRATION,
      workerLost(KILLED),
      settled(WORKER_LOST),
      workerLost(KILLED),
      unharmed,
      closed,
    ],
    'paused briefly': [unharmed, NO_REGISTRATION, unharmed, unharmed, unharmed, unharmed, closed],
    'paused long': [unharmed, NO_REGISTRATION, unharmed, unharmed, unharmed, unharmed, closed],
    'out of memory': [
      unharmed,
      NO_REGISTRATION,
      workerLost(HEAP_FULL),
      settled(WORKER_LOST),
      workerLost(HEAP_FULL),
      unharmed,
      closed,
    ],
    'event loop blocked': [unharmed, NO_REGISTRATION, unharmed, unharmed, unharmed, unharmed, closed],
  },
  manager: {
    exit: [
      unharmed,
      unharmed,
      managerLost(BROKEN),
      settled(MANAGER_LOST),
      managerLost(BROKEN),
      unharmed,
      closed,
    ],
    SIGTERM: [
      unharmed,
      unharmed,
      managerLost(/it got SIGTERM/),
      settled(MANAGER_LOST),
      managerLost(/it got SIGTERM/),
      unharmed,
      closed,
    ],
    SIGKILL: [
      unharmed,
      unharmed,
      managerLost(BROKEN),
      settled(MANAGER_LOST),
      managerLost(BROKEN),
      unharmed,
      closed,
    ],
    'paused briefly': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    'paused long': [
      unharmed,
      unharmed,
      managerLate(SILENT),
      settled(MANAGER_LOST),
      managerLate(SILENT),
      unharmed,
      closed,
    ],
    'out of memory': [
      unharmed,
      unharmed,
      managerLost(BROKEN),
      settled(MANAGER_LOST),
      managerLost(BROKEN),
      unharmed,
      closed,
    ],
    'event loop blocked': [
      unharmed,
      unharmed,
      managerLate(SILENT),
      settled(MANAGER_LOST),
      managerLate(SILENT),
      IDLE,
      closed,
    ],
  },
  interchange: {
    exit: [refused(/exited with code 21/), unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    SIGTERM: [refused(TERMINATED), unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    SIGKILL: [refused(KILLED), unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    'paused briefly': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    'paused long': [
      unharmed,
      unharmed,
      settled(MANAGER_LOST),
      settled(MANAGER_LOST),
      settled(MANAGER_LOST),
      unharmed,
      closed,
    ],
    'out of memory': [
      refused(/was killed by SIGABRT.*heap out of memory/s),
      unharmed,
      unharmed,
      unharmed,
      unharmed,
      unharmed,
      closed,
    ],
    'event loop blocked': [
      unharmed,
      unharmed,
      settled(MANAGER_LOST),
      settled(MANAGER_LOST),
      settled(MANAGER_LOST),
      unharmed,
      closed,
    ],
  },
  'submit process': {
    exit: [over, over, over, over, over, over, over],
    SIGTERM: [over, over, over, over, over, over, over],
    SIGKILL: [over, over, over, over, over, over, over],
    'paused briefly': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    'paused long': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    'out of memory': [over, over, over, over, over, over, over],
    'event loop blocked': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
  },
  'batch job': {
    exit: [SHELL, SHELL, SHELL, SHELL, SHELL, SHELL, SHELL],
    SIGTERM: [
      unharmed,
      unharmed,
      managerLost(/./),
      settled(MANAGER_LOST),
      managerLost(/./),
      unharmed,
      closed,
    ],
    SIGKILL: [
      unharmed,
      unharmed,
      managerLost(/./),
      settled(MANAGER_LOST),
      managerLost(/./),
      unharmed,
      closed,
    ],
    'paused briefly': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    'paused long': [
      unharmed,
      unharmed,
      managerLate(SILENT),
      settled(MANAGER_LOST),
      managerLate(SILENT),
      unharmed,
      closed,
    ],
    'out of memory': [SHELL, SHELL, SHELL, SHELL, SHELL, SHELL, SHELL],
    'event loop blocked': [SHELL, SHELL, SHELL, SHELL, SHELL, SHELL, SHELL],
  },
  network: {
    'cut briefly': [unharmed, unharmed, unharmed, unharmed, unharmed, BY_HAND, closed],
    'cut long': [
      unharmed,
      unharmed,
      managerLost(/./),
      settled(MANAGER_LOST),
      managerLost(/./),
      BY_HAND,
      closed,
    ],
    'one-way to the pool': [
      unharmed,
      unharmed,
      managerLost(/./),
      settled(MANAGER_LOST),
      managerLost(/./),
      BY_HAND,
      closed,
    ],
    'one-way from the pool': [
      unharmed,
      unharmed,
      managerLost(/./),
      settled(MANAGER_LOST),
      managerLost(/./),
      BY_HAND,
      closed,
    ],
    slow: [unharmed, unharmed, unharmed, unharmed, unharmed, BY_HAND, closed],
    lossy: [unharmed, unharmed, unharmed, unharmed, unharmed, BY_HAND, closed],
  },
  clock: {
    'an hour forward': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
    'an hour back': [unharmed, unharmed, unharmed, unharmed, unharmed, unharmed, closed],
  },
  disk: {
    full: [refused(/ENOSPC|no space left/i), unharmed, unharmed, unharmed, unharmed, unharmed, closed],
  },
  descriptors: {
    'none left': [
      refused(/EMFILE|too many open files/i, 'PARSL_CONFIGURATION'),
      unharmed,
      workerLost(KILLED),
      noCase('results travel over connections that there are'),
      noCase('to drain is to open nothing'),
      unharmed,
      closed,
    ],
  },
  ports: {
    'none left': [
      refused(/workerPortRange/),
      unharmed,
      CONNECTED,
      CONNECTED,
      CONNECTED,
      CONNECTED,
      CONNECTED,
    ],
  },
};
