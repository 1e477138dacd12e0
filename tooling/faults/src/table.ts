import type { How, Who } from './combination.js';
import {
  closed,
  managerLate as late,
  managerLost as lost,
  managerLostAway as away,
  noCase,
  over,
  refused,
  settled,
  unharmed as whole,
  workerLost as died,
  type NoCase,
  type Outcome,
} from './outcome.js';

/** What must be true after a fault at each moment, in the order of `WHEN`. */
export type Row = readonly (Outcome | NoCase)[];

const unregistered = noCase('a worker registers nowhere: its manager starts it');
const asPause = noCase('to everybody else it is as a long pause: what differs shows at the other moments');
const asKill = noCase('to everybody else it is as SIGKILL: what differs shows at the other moments');
const shell = noCase(
  'the script of a block is a shell, which ends with what it waits for and has neither heap nor event loop',
);
const byHand = noCase('a pool on another host is started by hand here: there is no block to give back');
const connected = noCase('a port is needed to listen and to connect, which is done by then');
const nothingNew = noCase('nobody opens anything then');

const WORKER = 'PARSL_WORKER_LOST';
const MANAGER = 'PARSL_MANAGER_LOST';

/** What the message must say of how it ended. */
const exited = /exited with code 21/;
const term = /was killed by SIGTERM/;
const kill = /was killed by SIGKILL/;
const heap = /was killed by SIGABRT.*its JavaScript heap was full/s;
const jobExited = /its connection broke; the job of its block, \S+, ended as failed \(exit code 21\)/;
const jobKilled = /its connection broke; the job of its block, \S+, ended as failed \(killed by SIGKILL\)/;
const jobFull =
  /; the job of its block, \S+, ended as failed \(killed by SIGABRT; a JavaScript heap was full\)/;
const silent = /nothing was heard of it for \d+ ms/;
const asked = /it got SIGTERM/;
const either = /its connection broke|nothing was heard of it for \d+ ms|it has ended/;
const heapOfProgram = /was killed by SIGABRT.*heap out of memory/s;
const noSpace = /ENOSPC/;
const noFiles = /EMFILE/;
const portOption = /option 'workerPortRange'.*port/;

const noWords = [shell, shell, shell, shell, shell, shell, shell];
const alive = [whole, whole, whole, whole, whole, whole, closed];
const dead = [over, over, over, over, over, over, over];

/** The fault matrix: who, how, when, and what must be true afterwards; see `Outcome` for the words. */
// prettier-ignore
export const TABLE: Readonly<Record<Who, Readonly<Partial<Record<How, Row>>>>> = {
  //                      starting       registering   task in flight result in flight  draining       scaling in  closing
  worker: {
    exit:                 [whole,        unregistered, died(exited),  settled(WORKER),  died(exited),  whole,      closed],
    SIGTERM:              [whole,        unregistered, died(term),    settled(WORKER),  died(term),    whole,      closed],
    SIGKILL:              [whole,        unregistered, died(kill),    settled(WORKER),  died(kill),    whole,      closed],
    'paused briefly':     [whole,        unregistered, whole,         whole,            whole,         whole,      closed],
    'paused long':        [whole,        unregistered, whole,         whole,            whole,         whole,      closed],
    'out of memory':      [whole,        unregistered, died(heap),    settled(WORKER),  asKill,        asKill,     asKill],
    'event loop blocked': [asPause,      unregistered, whole,         whole,            asPause,       asPause,    closed],
  },
  manager: {
    exit:                 [whole,        whole,        lost(jobExited), settled(MANAGER), lost(jobExited), whole,  closed],
    SIGTERM:              [whole,        whole,        lost(asked),   settled(MANAGER), lost(asked),   whole,      closed],
    SIGKILL:              [whole,        whole,        lost(jobKilled), settled(MANAGER), lost(jobKilled), whole,  closed],
    'paused briefly':     [whole,        whole,        whole,         whole,            whole,         whole,      closed],
    'paused long':        [whole,        whole,        late(silent),  settled(MANAGER), late(silent),  whole,      closed],
    'out of memory':      [whole,        asKill,       lost(jobFull), settled(MANAGER), asKill,        asKill,     asKill],
    'event loop blocked': [asPause,      whole,        late(silent),  settled(MANAGER), asPause,       asPause,    closed],
  },
  interchange: {
    exit:                 [refused(exited), whole,     whole,         whole,            whole,         whole,      closed],
    SIGTERM:              [refused(term), whole,       whole,         whole,            whole,         whole,      closed],
    SIGKILL:              [refused(kill), whole,       whole,         whole,            whole,         whole,      closed],
    'paused briefly':     [whole,        whole,        whole,         whole,            whole,         whole,      closed],
    'paused long':        [whole,        whole,        settled(MANAGER), settled(MANAGER), settled(MANAGER), whole, closed],
    'out of memory':      [refused(heapOfProgram), asKill, whole,     whole,            asKill,        asKill,     asKill],
    'event loop blocked': [asPause,      whole,        settled(MANAGER), settled(MANAGER), asPause,    asPause,    closed],
  },
  'submit process': {
    exit:                 dead,
    SIGTERM:              dead,
    SIGKILL:              dead,
    'paused briefly':     alive,
    'paused long':        alive,
    'out of memory':      [asKill,       asKill,       over,          asKill,           asKill,        asKill,     asKill],
    'event loop blocked': [asPause,      asPause,      whole,         whole,            asPause,       asPause,    closed],
  },
  'batch job': {
    exit:                 noWords,
    SIGTERM:              [whole,        whole,        lost(asked), settled(MANAGER), lost(asked), whole, closed],
    SIGKILL:              [whole,        whole,        lost(jobKilled), settled(MANAGER), lost(jobKilled), whole,  closed],
    'paused briefly':     alive,
    'paused long':        [whole,        whole,        late(silent),  settled(MANAGER), late(silent),  whole,      closed],
    'out of memory':      noWords,
    'event loop blocked': noWords,
  },
  network: {
    'cut briefly':           [whole,     whole,        whole,         whole,            whole,         byHand,     closed],
    'cut long':              [whole,     whole,        away(either),  settled(MANAGER), away(either),  byHand,     closed],
    'one-way to the pool':   [whole,     whole,        away(either),  settled(MANAGER), away(either),  byHand,     closed],
    'one-way from the pool': [whole,     whole,        away(either),  settled(MANAGER), away(either),  byHand,     closed],
    slow:                    [whole,     whole,        whole,         whole,            whole,         byHand,     closed],
    lossy:                   [whole,     whole,        whole,         whole,            whole,         byHand,     closed],
  },
  clock: {
    'an hour forward':    alive,
    'an hour back':       alive,
  },
  disk: {
    full:                 [refused(noSpace), whole,    whole,         whole,            whole,         whole,      closed],
  },
  descriptors: {
    'none left':          [refused(noFiles, 'PARSL_CONFIGURATION'), whole, died(kill), nothingNew, nothingNew, whole, closed],
  },
  ports: {
    'none left':          [refused(portOption), whole, connected,     connected,        connected,     connected,  connected],
  },
};
