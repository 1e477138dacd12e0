import { element, textElement, type SvgElement } from './svg.js';

/** One bar. */
export interface Bar {
  readonly label: string;
  /** `undefined` leaves the place empty. */
  readonly value: number | undefined;
  /** Shown when the mouse rests on the bar. */
  readonly hint: string;
}

/** What a bar chart shows, and where, in pixels. */
export interface BarChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly bars: readonly Bar[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

// Blue and orange can be told apart with every common kind of colour blindness, and in grey.
const BLUE = '#2b6ca3';
const ORANGE = '#c8601a';
const INK = '#222222';
const PALE_INK = '#5a5a5a';
const GRID = '#dddddd';

const MARGIN = { top: 34, right: 8, bottom: 48, left: 56 };

/** Vertical bars over a common zero line: blue above it, orange below. */
export function barChart(chart: BarChart): SvgElement {
  const { bars, x, y, width, height } = chart;
  const left = x + MARGIN.left;
  const right = x + width - MARGIN.right;
  const top = y + MARGIN.top;
  const bottom = y + height - MARGIN.bottom;
  const ticks = axisTicks(bars.flatMap(({ value }) => value ?? []));
  const [lowest = 0, highest = 1] = [ticks[0], ticks.at(-1)];
  const toY = (value: number): number => bottom - ((value - lowest) / (highest - lowest)) * (bottom - top);
  const step = (right - left) / bars.length;

  return element(
    'g',
    {},
    label(chart.title, x, y + 14, { 'font-weight': 'bold', 'font-size': 15 }),
    ...ticks.map((tick) => gridLine(tick, left, right, toY(tick))),
    ...bars.flatMap((bar, i) => {
      const middle = left + (i + 0.5) * step;
      const name = label(bar.label, middle, bottom + 16, { 'text-anchor': 'middle', fill: PALE_INK });
      return bar.value === undefined ? [name] : [name, ...drawBar(bar, bar.value, middle, 0.76 * step, toY)];
    }),
    element('line', { x1: left, x2: right, y1: toY(0), y2: toY(0), stroke: INK }),
    label(chart.xLabel, (left + right) / 2, bottom + 38, { 'text-anchor': 'middle' }),
    label(chart.yLabel, 0, 0, {
      'text-anchor': 'middle',
      transform: `translate(${x + 12} ${(top + bottom) / 2}) rotate(-90)`,
    }),
  );
}

/** Round numbers from below the smallest value to above the greatest, with zero among them. */
export function axisTicks(values: readonly number[], about = 6): number[] {
  const lowest = Math.min(0, ...values);
  const highest = Math.max(0, ...values);
  const rough = (highest - lowest || 1) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(lowest / step);
  const last = Math.max(Math.ceil(highest / step), first + 1);
  // The index times the step, not a running sum, so that zero is exactly zero.
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function gridLine(tick: number, left: number, right: number, y: number): SvgElement {
  return element(
    'g',
    {},
    element('line', { x1: left, x2: right, y1: y, y2: y, stroke: GRID }),
    label(String(tick), left - 6, y + 4, { 'text-anchor': 'end', fill: PALE_INK }),
  );
}

function drawBar(
  bar: Bar,
  value: number,
  middle: number,
  width: number,
  toY: (v: number) => number,
): SvgElement[] {
  const [y1, y2] = [toY(Math.max(value, 0)), toY(Math.min(value, 0))];
  const valueY = value < 0 ? y2 + 13 : y1 - 4;
  return [
    element(
      'rect',
      { x: middle - width / 2, y: y1, width, height: y2 - y1, fill: value < 0 ? ORANGE : BLUE },
      textElement('title', {}, bar.hint),
    ),
    label(value.toFixed(1), middle, valueY, { 'text-anchor': 'middle', 'font-size': 10.5 }),
  ];
}

function label(
  text: string,
  x: number,
  y: number,
  attributes: Record<string, string | number> = {},
): SvgElement {
  return textElement('text', { x, y, fill: INK, 'font-size': 12, ...attributes }, text);
}
