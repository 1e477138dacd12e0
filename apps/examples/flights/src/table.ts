import { BANDS, meanDelay, overall, type FlightSums, type Sums } from './sums.js';

/** The sums as text, for a terminal. */
export function formatTable(sums: FlightSums): string {
  const hours = sums.byHour.map((hour, i): [string, Sums] => [hourLabel(i), hour]);
  const bands = sums.byBand.map((band, i): [string, Sums] => [BANDS[i] ?? '', band]);
  return [
    row('hour', 'flights', 'mean delay', 'late'),
    ...hours.map(formatRow),
    '',
    row('miles', 'flights', 'mean delay', 'late'),
    ...bands.map(formatRow),
    '',
    formatRow(['all', overall(sums)]),
  ].join('\n');
}

/** An hour of the day: `7` is `07:00`. */
export function hourLabel(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

/** How many of the flights were late, in percent. */
function lateShare({ flights, late }: Sums): string {
  return flights === 0 ? '–' : `${((100 * late) / flights).toFixed(1)} %`;
}

function formatRow([label, sums]: [string, Sums]): string {
  const delay = sums.flights === 0 ? '–' : `${meanDelay(sums).toFixed(1)} min`;
  return row(label, sums.flights.toLocaleString('en-US'), delay, lateShare(sums));
}

function row(label: string, flights: string, delay: string, late: string): string {
  return `${label.padEnd(14)}${flights.padStart(10)}${delay.padStart(13)}${late.padStart(10)}`;
}
