import { fstatSync } from 'node:fs';

import { runInterchange } from '../interchange/main.js';

/** Where the submit process is. */
const LINK_FD = 3;

const HELP = `parsl-interchange: carries tasks between a HighThroughputExecutor and its worker pools.

It is started by the executor, which talks to it over file descriptor ${LINK_FD}; it cannot be started by hand.
To start a worker pool by hand, use parsl-worker-pool, with the line that workerPoolCommand() of the executor gives.
`;

function isStartedByExecutor(): boolean {
  try {
    return fstatSync(LINK_FD).isSocket();
  } catch {
    return false;
  }
}

if (process.argv.length > 2) {
  const isHelp = ['--help', '-h'].includes(process.argv[2] ?? '');
  (isHelp ? process.stdout : process.stderr).write(HELP);
  process.exitCode = isHelp ? 0 : 2;
} else if (isStartedByExecutor()) {
  runInterchange(LINK_FD);
} else {
  process.stderr.write(HELP);
  process.exitCode = 2;
}
