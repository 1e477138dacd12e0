import { fstatSync } from 'node:fs';

import { runInterchange } from '../interchange/main.js';
import { INTERCHANGE_FD } from '../link/interchange-descriptors.js';

const HELP = `parsl-interchange: carries tasks between a HighThroughputExecutor and its worker pools.

It is started by the executor, which talks to it over file descriptors ${INTERCHANGE_FD.orders} and ${INTERCHANGE_FD.answers}; it cannot be started by hand.
To start a worker pool by hand, use parsl-worker-pool, with the line that workerPoolCommand() of the executor gives.
`;

function isStartedByExecutor(): boolean {
  try {
    return [INTERCHANGE_FD.orders, INTERCHANGE_FD.answers].every((fd) => fstatSync(fd).isSocket());
  } catch {
    return false;
  }
}

if (process.argv.length > 2) {
  const isHelp = ['--help', '-h'].includes(process.argv[2] ?? '');
  (isHelp ? process.stdout : process.stderr).write(HELP);
  process.exitCode = isHelp ? 0 : 2;
} else if (isStartedByExecutor()) {
  runInterchange();
} else {
  process.stderr.write(HELP);
  process.exitCode = 2;
}
