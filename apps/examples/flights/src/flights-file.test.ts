import { describe, expect, it } from 'vitest';
import { flightsFile, readFlights, rowGroups } from './flights-file.js';

describe('the file of flights', () => {
  it('consists of row groups that follow each other and hold three million rows', async () => {
    const groups = await rowGroups(flightsFile());
    expect(groups).toHaveLength(11);
    expect(groups[0]?.rowStart).toBe(0);
    expect(groups.slice(1).map(({ rowStart }) => rowStart)).toEqual(
      groups.slice(0, -1).map(({ rowEnd }) => rowEnd),
    );
    expect(groups.at(-1)?.rowEnd).toBe(3_000_000);
  });

  it('gives the flights of a range, and no others', async () => {
    const flights = await readFlights(flightsFile(), { rowStart: 0, rowEnd: 100 });
    expect(flights).toHaveLength(100);
    expect(flights[0]).toEqual({ hour: 0, delayMin: 33, distanceMiles: 2176 });
    const later = await readFlights(flightsFile(), { rowStart: 99, rowEnd: 101 });
    expect(later[0]).toEqual(flights[99]);
  });
});
