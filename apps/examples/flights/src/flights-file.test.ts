import { describe, expect, it } from 'vitest';
import { cutOut, flightsFile, readFlights, rowGroups } from './flights-file.js';

describe('the file of flights', () => {
  it('consists of row groups that follow each other and hold three million rows', () => {
    const groups = rowGroups(flightsFile());
    expect(groups).toHaveLength(11);
    expect(groups[0]?.rowStart).toBe(0);
    expect(groups.slice(1).map(({ rowStart }) => rowStart)).toEqual(
      groups.slice(0, -1).map(({ rowEnd }) => rowEnd),
    );
    expect(groups.at(-1)?.rowEnd).toBe(3_000_000);
  });

  it('gives the flights of a range, and no others, from a piece of it', async () => {
    const read = (rowStart: number, rowEnd: number) => {
      const range = { rowStart, rowEnd };
      return readFlights(cutOut(flightsFile(), range), range);
    };
    const flights = await read(0, 100);
    expect(flights).toHaveLength(100);
    expect(flights[0]).toEqual({ hour: 0, delayMin: 33, distanceMiles: 2176 });
    expect((await read(99, 101))[0]).toEqual(flights[99]);
    expect(cutOut(flightsFile(), { rowStart: 0, rowEnd: 100 }).bytes.length).toBeLessThan(1_000_000);
    // The border between two row groups.
    expect(await read(272_726, 272_728)).toHaveLength(2);
  });
});
