import { expect, it } from 'vitest';
import { delayChart } from './delay-chart.js';
import { addFlight, noFlights } from './sums.js';

it('leaves out the hours that have too few flights for a mean', () => {
  const sums = noFlights();
  for (let i = 0; i < 1_000; i += 1) addFlight(sums, 8, 12, 600);
  for (let i = 0; i < 999; i += 1) addFlight(sums, 3, 90, 600);
  const image = delayChart(sums);
  expect(image).toContain('8:00 to 8:59: 12.0 min, 1,000 flights');
  expect(image).not.toContain('3:00 to 3:59');
  expect(image.match(/<svg /g)).toHaveLength(1);
  expect(image.endsWith('</svg>\n')).toBe(true);
});
