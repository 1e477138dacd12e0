import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A function that does not heed its signal for so long, in ms, is stopped by force: half of what workers are given. */
export const NO_TIME_TO_HEED_MS = 250;

/** Looks at the clock all the time and does nothing else; tells at the end how long it once could not. */
const WATCHER = `
let [last, longest] = [performance.now(), 0];
const look = () => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
};
setInterval(look, 10);
process.stdout.write('watching');
process.stdin.resume().on('end', () => {
  look();
  process.stdout.write(' ' + longest, () => process.exit());
});`;

/** How often something is tried on a machine that goes on stopping. */
const TRIES = 10;

/**
 * Does what cannot go well on a machine that itself stands still for `stopMs` at a stretch, in ms. It is done again if it
 * failed and the machine did so meanwhile, as an idle process beside it has seen, and not if it failed for another reason.
 */
export async function unlessTheMachineStops(stopMs: number, attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    const watch = await watchTheMachine();
    try {
      await attempt();
      await watch.end();
      return;
    } catch (error) {
      if ((await watch.end()) < stopMs || tries === TRIES) throw error;
    }
  }
}

/** Watches from now on. `end`: resolves to the longest time, in ms, that the machine stood still. */
async function watchTheMachine(): Promise<{ end(): Promise<number> }> {
  const watcher = spawn(process.execPath, ['-e', WATCHER], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  watcher.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(watcher.stdout, 'data');
  const closed = once(watcher, 'close');
  return {
    end: async () => {
      watcher.stdin.end();
      await closed;
      return Number(said.split(' ')[1]);
    },
  };
}
