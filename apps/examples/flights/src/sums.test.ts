import { describe, expect, it } from 'vitest';
import { addFlight, BANDS, meanDelay, mergeSums, noFlights, overall } from './sums.js';

describe('sums of flights', () => {
  it('count each flight in its hour and in its distance band', () => {
    const sums = noFlights();
    addFlight(sums, 7, 16, 249);
    addFlight(sums, 7, -6, 250);
    addFlight(sums, 23, 15, 4962);
    expect(sums.byHour[7]).toEqual({ flights: 2, delayMin: 10, late: 1 });
    expect(sums.byHour[23]).toEqual({ flights: 1, delayMin: 15, late: 0 });
    expect(sums.byBand.map(({ flights }) => flights)).toEqual([1, 1, 0, 0, 0, 0, 1]);
  });

  it('name every band', () => {
    expect(BANDS).toEqual([
      'under 250',
      '250–499',
      '500–749',
      '750–999',
      '1000–1499',
      '1500–1999',
      '2000 and more',
    ]);
    expect(noFlights().byBand).toHaveLength(BANDS.length);
  });

  it('refuse an hour that no day has', () => {
    expect(() => {
      addFlight(noFlights(), 24, 0, 100);
    }).toThrow(RangeError);
  });

  it('are the same whether added at once or in parts', () => {
    const flights = Array.from({ length: 500 }, (_, i) => [i % 24, (i * 7) % 90, (i * 37) % 3000] as const);
    const whole = noFlights();
    const parts = [noFlights(), noFlights(), noFlights()];
    for (const [i, flight] of flights.entries()) {
      addFlight(whole, ...flight);
      addFlight(parts[i % 3]!, ...flight);
    }
    expect(mergeSums(parts)).toEqual(whole);
    expect(overall(mergeSums(parts)).flights).toBe(500);
  });

  it('leave the parts as they were', () => {
    const part = noFlights();
    addFlight(part, 0, 1, 1);
    const before = structuredClone(part);
    mergeSums([part, part]);
    expect(part).toEqual(before);
  });

  it('have no mean delay where there are no flights', () => {
    expect(meanDelay({ flights: 0, delayMin: 0, late: 0 })).toBe(0);
    expect(meanDelay({ flights: 4, delayMin: 10, late: 0 })).toBe(2.5);
  });
});
