import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** The compiler of the bundler is a process of its own, and lives as long as the submit process. */
const COMPILER = 'esbuild';

/** After the end of a run, processes may take so long to go, in ms. */
const GRACE_MS = 5000;

/**
 * What is left of a run that has ended, in words: processes that have this directory in their environment, files in it,
 * and somebody who listens on the port.
 */
export async function leftovers(directory: string, port: number): Promise<string[]> {
  const until = performance.now() + GRACE_MS;
  let processes = processesOf(directory);
  while (processes.length > 0 && performance.now() < until) {
    await setTimeout(50);
    processes = processesOf(directory);
  }
  const files = readdirSync(directory).filter((name) => !/^(?:tsx-\d+|node-compile-cache)$/.test(name));
  return [
    ...processes.map((words) => `left running: ${words}`),
    ...files.map((name) => `left among the temporary files: ${name}`),
    ...((await listens(port)) ? [`somebody listens on port ${port} still`] : []),
  ];
}

function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(directory)) return [];
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(COMPILER) ? [] : [`${pid} ${words}`];
      } catch {
        // It has gone, or is somebody else's.
        return [];
      }
    });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
