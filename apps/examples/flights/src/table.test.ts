import { expect, it } from 'vitest';
import { addFlight, noFlights } from './sums.js';
import { formatTable } from './table.js';

it('shows every hour, every distance band and the whole', () => {
  const sums = noFlights();
  addFlight(sums, 5, 40, 2500);
  addFlight(sums, 5, -10, 100);
  const lines = formatTable(sums).split('\n');
  expect(lines).toHaveLength(1 + 24 + 1 + 1 + 7 + 1 + 1);
  expect(lines[6]).toMatch(/^05:00 +2 +15\.0 min +50\.0 %$/);
  expect(lines[7]).toMatch(/^06:00 +0 +– +–$/);
  expect(lines.at(-1)).toMatch(/^all +2 +15\.0 min +50\.0 %$/);
});
