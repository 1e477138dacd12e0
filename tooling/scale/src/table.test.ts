import { expect, test } from 'vitest';

import { FIGURES } from './figures.js';
import { parseOptions } from './options.js';
import { makeReport } from './report.js';
import type { SizeSample } from './sample.js';
import { formatTable } from './table.js';

const costs = (managers: number) => ({
  ...{ startMb: 50, registrationCpuMs: managers, registeredMb: 50 + managers / 32, idleCpu: 0 },
  ...{ msPerThousand: 4, peakMb: 100 + managers / 32 },
});
const sample = (managers: number): SizeSample => ({
  ...{
    registrationSeconds: managers / 1000,
    rates: [40_000, 60_000, 50_000],
    simulation: costs(0),
  },
  ...{ submit: costs(0), interchange: costs(managers) },
});

test('a column for each size, and how much everything grows', () => {
  const options = parseOptions(['--managers', '1024,8192', '--workers', '32']);
  const report = makeReport(
    options,
    [{ rates: [90_000] }, { rates: [110_000] }],
    [sample(1024), sample(8192)],
  );
  expect(report.sizes[1]).toMatchObject({ workers: 262_144, rate: 50_000, ratio: 0.5 });
  const lines = formatTable(report, FIGURES).split('\n');
  const line = (start: string) =>
    lines
      .find((each) => each.startsWith(start))
      ?.slice(start.length)
      .trim()
      .split(/ {3,}/);
  expect(line('managers × workers')).toEqual(['1,024 × 32', '8,192 × 32', 'for × 8 managers']);
  expect(line('workers')).toEqual(['32,768', '262,144', '× 8']);
  expect(line('all registered after, s')).toEqual(['1.0', '8.2', '× 8']);
  expect(line('no-op tasks/s')).toEqual(['50,000', '50,000', '× 1']);
  expect(line('share of the rate with real workers')).toEqual(['0.50', '0.50', '× 1']);
  expect(line('interchange: memory per manager, kB')).toEqual(['32.0', '32.0', '× 1']);
  expect(line('interchange: CPU with nothing to do, %')).toEqual(['0.0', '0.0']);
});

test('one size grows from nothing', () => {
  const report = makeReport(parseOptions(['--managers', '8']), [{ rates: [1] }], [sample(8)]);
  expect(formatTable(report, FIGURES)).not.toContain('for ×');
});
