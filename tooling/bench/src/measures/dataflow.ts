import type { Measure } from '../measure.js';
import type { Dataflow, Future } from '../subject.js';
import { expectResult, timed } from './run-all.js';

/** Calls that wait for one another, all of them made at once. */
interface Shape {
  readonly name: string;
  readonly title: string;
  /** Makes the calls for `size`. Returns the last of them, how many there are, and what the last must give. */
  readonly build: (flow: Dataflow, size: number) => { last: Future; tasks: number; expected: number };
  /** How many calls of a chain, leaves of a tree, futures in one call. */
  readonly size: number;
}

const WARM_UP_SIZE = 2_000;

const shapes: readonly Shape[] = [
  {
    name: 'chain',
    title: 'chain of 10,000',
    size: 10_000,
    build(flow, size) {
      let last = flow.noop(0);
      for (let i = 1; i < size; i += 1) last = flow.next(last);
      return { last, tasks: size, expected: size - 1 };
    },
  },
  {
    name: 'tree',
    title: 'tree of 100,000',
    size: 50_000,
    build(flow, size) {
      let level = Array.from({ length: size }, (_, i) => flow.noop(i));
      while (level.length > 1) level = pairs(level).map(([a, b]) => (b === undefined ? a : flow.add(a, b)));
      const [last] = level;
      if (last === undefined) throw new RangeError('A tree needs a leaf');
      return { last, tasks: 2 * size - 1, expected: sumBelow(size) };
    },
  },
  {
    name: 'fan-in',
    title: '10,000 into one',
    size: 10_000,
    build(flow, size) {
      const last = flow.sum(Array.from({ length: size }, (_, i) => flow.noop(i)));
      return { last, tasks: size + 1, expected: sumBelow(size) };
    },
  },
];

/** How many tasks a second go through when most of them wait for others. */
export const dataflow: Measure = {
  name: 'dataflow',
  groups: [
    {
      title: 'Tasks that wait for others, through futures: a chain, a reduction in pairs, a sum of many',
      figures: shapes.map(({ name, title }) => ({
        name,
        title,
        unit: 'tasks/s',
        better: 'higher',
        digits: 0,
      })),
    },
  ],
  async take({ scale, open }) {
    const { flow } = await open();
    if (flow === undefined) throw new Error('The subject takes no futures');
    const values: Record<string, number> = {};
    for (const shape of shapes) {
      await rate(flow, shape, Math.ceil(scale * WARM_UP_SIZE));
      values[shape.name] = await rate(flow, shape, Math.ceil(scale * shape.size));
    }
    return values;
  },
};

async function rate(flow: Dataflow, shape: Shape, size: number): Promise<number> {
  let count = 0;
  const ms = await timed(async () => {
    const { last, tasks, expected } = shape.build(flow, size);
    count = tasks;
    expectResult(shape.name, await last, expected);
  });
  return (1000 * count) / ms;
}

function pairs<T>(items: readonly T[]): [T, T | undefined][] {
  const found: [T, T | undefined][] = [];
  for (let i = 0; i < items.length; i += 2) found.push([items[i] as T, items[i + 1]]);
  return found;
}

/** 0 + 1 + … + (n - 1) */
function sumBelow(n: number): number {
  return (n * (n - 1)) / 2;
}
