import { setTimeout as delay } from 'node:timers/promises';

/** How long a port may still be in use that was just given up, in ms. */
const PATIENCE_MS = 10_000;

/** Takes a port that a ZeroMQ socket has just given up, which is done in a thread of ZeroMQ's own: tries again for a while. */
export async function onGivenUpPort(take: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ;) {
    try {
      await take();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(20);
    }
  }
}
