import { describe, expect, it } from 'vitest';
import { axisTicks, barChart } from './bar-chart.js';

const place = { title: 'T', xLabel: 'x', yLabel: 'y', x: 0, y: 0, width: 400, height: 300 };

describe('a bar chart', () => {
  it.each([
    [
      [43.7, -3.8],
      [-10, 0, 10, 20, 30, 40, 50],
    ],
    [
      [7.2, 4.8],
      [0, 2, 4, 6, 8],
    ],
    [[270], [0, 50, 100, 150, 200, 250, 300]],
    [
      [-5, -1],
      [-5, -4, -3, -2, -1, 0],
    ],
  ])('of %j has round numbers on its axis', (values, ticks) => {
    expect(axisTicks(values)).toEqual(ticks);
  });

  it('has an axis even if there is nothing to show', () => {
    for (const values of [[], [0]]) expect(axisTicks(values).length).toBeGreaterThan(1);
  });

  it('draws a bar for each value, of a height in proportion', () => {
    const bars = [10, 20, undefined].map((value, i) => ({ label: `bar ${i}`, value, hint: 'h' }));
    const { markup } = barChart({ ...place, bars });
    const heights = [...markup.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) => Number(height));
    expect(heights).toHaveLength(2);
    expect(heights[1]! / heights[0]!).toBeCloseTo(2, 1);
    expect(markup).toContain('bar 2');
  });

  it('draws a negative value below the zero line, in another colour', () => {
    const bars = [5, -5].map((value) => ({ label: '', value, hint: '' }));
    const { markup } = barChart({ ...place, bars });
    const [up, down] = [
      ...markup.matchAll(/<rect x="\S+" y="([\d.]+)" width="\S+" height="([\d.]+)" fill="(\S+)"/g),
    ];
    expect(Number(up?.[1]) + Number(up?.[2])).toBeCloseTo(Number(down?.[1]), 0);
    expect(up?.[3]).not.toBe(down?.[3]);
  });

  it('shows text as it is', () => {
    const { markup } = barChart({ ...place, title: 'a < b & "c"', bars: [] });
    expect(markup).toContain('a &lt; b &amp; &quot;c&quot;');
  });
});
