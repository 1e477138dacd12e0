import { formatCount, formatNumber, formatRate, formatTime } from './figures.js';
import type { IterationReport, Measurement, PerfFacts, StartReport } from './report.js';

/** What is measured, before it is. */
export function describeFacts(facts: PerfFacts, runDir: string): string {
  const { executors } = facts;
  return lines([
    [
      'parsl-ts perf',
      `@parsl-ts/core ${facts.version}, Node.js ${facts.node}, ${facts.host}, ${facts.platform}`,
    ],
    ['configuration', facts.config ?? 'none was given: this machine, a worker for each core'],
    [executors.length === 1 ? 'executor' : 'executors', describeExecutors(executors)],
    ['tasks', describeTasks(facts)],
    ['iterations', describePlan(facts)],
    ['logs', runDir],
  ]);
}

/** How long it took until tasks were run. */
export function describeStart({ loadMs, firstResultMs }: StartReport): string {
  return lines([
    [
      'first result',
      `${formatTime(firstResultMs)} after load() was called; load() took ${formatTime(loadMs)}`,
    ],
  ]);
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (iteration: IterationReport) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'tasks', width: 12, cell: ({ tasks }) => formatNumber(tasks) },
  { title: 'workers', width: 9, cell: ({ workers }) => formatNumber(workers) },
  { title: 'calls/s', width: 11, cell: ({ submitRate }) => formatRate(submitRate) },
  { title: 'run', width: 11, cell: ({ runMs }) => formatTime(runMs) },
  { title: 'tasks/s', width: 11, cell: ({ rate }) => formatRate(rate) },
];

const VOLUME: Column = { title: 'MB/s', width: 10, cell: ({ mbPerSecond }) => formatRate(mbPerSecond) };

/** The table of iterations, which is printed line by line. */
export class IterationTable {
  readonly #columns: readonly Column[];
  #printed = 0;

  /** @param facts say whether there is a volume to show */
  constructor({ argBytes, resultBytes }: PerfFacts) {
    this.#columns = argBytes + resultBytes > 0 ? [...COLUMNS, VOLUME] : COLUMNS;
  }

  get head(): string {
    return this.#line('iteration', ({ title }) => title);
  }

  line(iteration: IterationReport): string {
    return this.#line(String(++this.#printed), ({ cell }) => cell(iteration));
  }

  #line(first: string, cellOf: (column: Column) => string): string {
    const cells = this.#columns.map((column) => cellOf(column).padStart(column.width));
    return `${[first.padStart('iteration'.length), ...cells].join('')}\n`;
  }
}

/** What came of it. */
export function describeMeasurement(measurement: Measurement): string {
  const { iterations, latency } = measurement;
  const rates = iterations.map(({ rate }) => rate);
  const last = formatRate(rates.at(-1) ?? 0);
  const best = formatRate(Math.max(...rates));
  const { calls, p50Ms, p99Ms } = latency;
  const throughput = `${last} tasks/s in the last iteration${last === best ? '' : `, ${best} in the best`}`;
  const times = `p50 ${formatTime(p50Ms)}, p99 ${formatTime(p99Ms)}, of ${formatCount(calls, 'task')} one at a time`;
  return (
    lines([
      ['throughput', throughput],
      ['latency', times],
    ]) + describeStart(measurement)
  );
}

function describeExecutors(labels: readonly string[]): string {
  const all = labels.join(', ');
  return labels.length < 2 ? all : `${all}, together: the least loaded takes a task (--executor picks one)`;
}

function describeTasks({ argBytes, resultBytes }: PerfFacts): string {
  const sizes = [
    ...(argBytes === 0 ? [] : [`${formatCount(argBytes, 'byte')} of argument`]),
    ...(resultBytes === 0 ? [] : [`${formatCount(resultBytes, 'byte')} of result`]),
  ];
  return sizes.length === 0 ? 'no-op' : `no-op, ${sizes.join(', ')}`;
}

function describePlan({ iterate, timeMs }: PerfFacts): string {
  const seconds = `${String(timeMs / 1000)} s`;
  if (iterate === 'estimate') return `10 tasks, then as many as are estimated to take ${seconds}`;
  if (iterate === 'exponential')
    return `10 tasks, then twice as many each time, until it takes over ${seconds}`;
  return iterate.map((count) => formatCount(count, 'task')).join('; ');
}

function lines(rows: readonly (readonly [name: string, value: string])[]): string {
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}\n`).join('');
}
