import type { SizeResult } from './report.js';
import type { ProcessCosts } from './sample.js';

/** A line of the table. */
export interface Figure {
  readonly title: string;
  /** Digits after the point. */
  readonly digits: number;
  readonly value: (result: SizeResult) => number;
}

/** What is shown, in this order. */
export const FIGURES: readonly Figure[] = [
  { title: 'workers', digits: 0, value: ({ workers }) => workers },
  { title: 'all registered after, s', digits: 1, value: (result) => result.registrationSeconds },
  { title: 'no-op tasks/s', digits: 0, value: ({ rate }) => rate },
  { title: 'share of the rate with real workers', digits: 2, value: ({ ratio }) => ratio },
  ...costsOf('interchange', ({ interchange }) => interchange),
  ...costsOf('submit process', ({ submit }) => submit),
  {
    title: 'simulation: CPU to register all, s',
    digits: 2,
    value: ({ simulation }) => simulation.registrationCpuMs / 1000,
  },
  {
    title: 'simulation: CPU per 1,000 tasks, ms',
    digits: 1,
    value: ({ simulation }) => simulation.msPerThousand,
  },
];

function costsOf(who: string, costs: (result: SizeResult) => ProcessCosts): Figure[] {
  const figure = (
    what: string,
    digits: number,
    value: (costs: ProcessCosts, managers: number) => number,
  ) => ({
    title: `${who}: ${what}`,
    digits,
    value: (result: SizeResult) => value(costs(result), result.managers),
  });
  return [
    figure('CPU to register all, s', 2, ({ registrationCpuMs }) => registrationCpuMs / 1000),
    figure('CPU per 1,000 tasks, ms', 1, ({ msPerThousand }) => msPerThousand),
    figure('CPU with nothing to do, %', 1, ({ idleCpu }) => 100 * idleCpu),
    figure('memory with all registered, MB', 0, ({ registeredMb }) => registeredMb),
    figure(
      'memory per manager, kB',
      1,
      ({ startMb, registeredMb }, managers) => (1024 * (registeredMb - startMb)) / managers,
    ),
    figure('most memory, MB', 0, ({ peakMb }) => peakMb),
  ];
}
