import type { Measure } from '../measure.js';
import type { Session } from '../subject.js';

const WARM_UP = 10_000;
const TASKS = 50_000;

/** How many no-op tasks go through in a second when all of them are submitted at once. */
export const throughput: Measure = {
  name: 'throughput',
  figures: [
    { name: 'rate', title: 'no-op tasks, all at once', unit: 'tasks/s', better: 'higher', digits: 0 },
  ],
  async take(open) {
    const session = await open();
    await runAll(session, WARM_UP);
    const begin = performance.now();
    await runAll(session, TASKS);
    return { rate: (1000 * TASKS) / (performance.now() - begin) };
  },
};

async function runAll(session: Session, tasks: number): Promise<void> {
  if (session.runAll !== undefined) return session.runAll(tasks);
  const results = await Promise.all(Array.from({ length: tasks }, (_, i) => session.noop(i)));
  const wrong = results.findIndex((result, i) => result !== i);
  if (wrong >= 0) throw new Error(`Task ${wrong} gave ${String(results[wrong])}`);
}
