import type { Measure, Values } from '../measure.js';
import type { Session } from '../subject.js';
import { expectResult, timed } from './run-all.js';

/** How many tasks of each size; about as much data as a second's. */
const SIZES = [
  { name: '1kB', title: '1 kB', bytes: 1_000, tasks: 20_000 },
  { name: '100kB', title: '100 kB', bytes: 100_000, tasks: 600 },
  { name: '1MB', title: '1 MB', bytes: 1_000_000, tasks: 120 },
] as const;

/**
 * Data as arguments, and as results: byte arrays that differ, all of them made before the clock starts and submitted at
 * once. Counted are their bytes, once each. 1 MB is 1,000,000 bytes.
 */
export const payload: Measure = {
  name: 'payload',
  groups: [
    {
      title: 'Byte arrays as arguments',
      figures: SIZES.map(({ name, title }) => figure(`in-${name}`, title)),
    },
    {
      title: 'Byte arrays as results',
      figures: SIZES.map(({ name, title }) => figure(`out-${name}`, title)),
    },
  ],
  async take({ scale, open }) {
    const session = await open();
    const values: Record<string, number> = {};
    for (const { name, bytes, tasks: most } of SIZES) {
      const tasks = Math.ceil(scale * most);
      for (const [way, run] of [['in', runIn] as const, ['out', runOut] as const]) {
        await run(session, bytes, Math.ceil(tasks / 4));
        const ms = await run(session, bytes, tasks);
        values[`${way}-${name}`] = (bytes * tasks) / 1e6 / (ms / 1000);
      }
    }
    return values satisfies Values;
  },
};

function figure(name: string, title: string) {
  return { name, title, unit: 'MB/s', better: 'higher', digits: title === '1 kB' ? 1 : 0 } as const;
}

/** @returns the time it takes, in ms */
async function runIn({ take }: Session, bytes: number, tasks: number): Promise<number> {
  if (take === undefined) throw new Error('The subject takes no bytes');
  const payloads = Array.from({ length: tasks }, (_, i) => Buffer.alloc(bytes, i));
  let results: number[] = [];
  const ms = await timed(async () => {
    results = await Promise.all(payloads.map((each) => take(each)));
  });
  results.forEach((result, i) => expectResult(`Task ${i}`, result, bytes + (i % 256)));
  return ms;
}

/** @returns the time it takes, in ms */
async function runOut({ give }: Session, bytes: number, tasks: number): Promise<number> {
  if (give === undefined) throw new Error('The subject gives no bytes');
  let results: Uint8Array[] = [];
  const ms = await timed(async () => {
    results = await Promise.all(Array.from({ length: tasks }, (_, i) => give(bytes, i % 256)));
  });
  results.forEach((result, i) => {
    expectResult(`The length of result ${i}`, result.length, bytes);
    expectResult(`The last byte of result ${i}`, result.at(-1) ?? -1, i % 256);
  });
  return ms;
}
