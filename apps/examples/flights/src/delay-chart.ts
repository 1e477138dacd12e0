import { barChart, type Bar } from './bar-chart.js';
import { BANDS, meanDelay, overall, type FlightSums, type Sums } from './sums.js';
import { element, textElement } from './svg.js';

/** The mean of fewer flights than this says more about single flights than about their hour. */
const ENOUGH_FLIGHTS = 1_000;

const WIDTH = 980;
const TITLE_HEIGHT = 70;
const CHART_HEIGHT = 320;
const NOTE_HEIGHT = 30;
const PADDING = 20;

/** An SVG image of the mean delay by hour of day and by distance. */
export function delayChart(sums: FlightSums): string {
  const height = TITLE_HEIGHT + 2 * CHART_HEIGHT + NOTE_HEIGHT + 2 * PADDING;
  const place = { x: PADDING, width: WIDTH - 2 * PADDING, height: CHART_HEIGHT };
  const all = overall(sums);
  const title = 'The later in the day, the later the flight';
  const subtitle = `Mean delay of ${all.flights.toLocaleString('en-US')} flights in the US, January to June 2001`;
  const image = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      'font-family': 'system-ui, sans-serif',
      role: 'img',
    },
    textElement('title', {}, `${title}. ${subtitle}`),
    element('rect', { width: WIDTH, height, fill: '#ffffff' }),
    textElement(
      'text',
      { x: PADDING, y: PADDING + 22, 'font-size': 22, 'font-weight': 'bold', fill: '#222222' },
      title,
    ),
    textElement('text', { x: PADDING, y: PADDING + 46, 'font-size': 14, fill: '#5a5a5a' }, subtitle),
    barChart({
      ...place,
      y: PADDING + TITLE_HEIGHT,
      title: 'By hour of day',
      xLabel: 'hour of day, local time',
      yLabel: 'mean delay, minutes',
      bars: sums.byHour.map((hour, i) => toBar(String(i), `${i}:00 to ${i}:59`, hour)),
    }),
    barChart({
      ...place,
      y: PADDING + TITLE_HEIGHT + CHART_HEIGHT,
      title: 'By distance',
      xLabel: 'distance, miles',
      yLabel: 'mean delay, minutes',
      bars: sums.byBand.map((band, i) => toBar(BANDS[i] ?? '', `${BANDS[i] ?? ''} miles`, band)),
    }),
    textElement(
      'text',
      { x: PADDING, y: height - PADDING, 'font-size': 11, fill: '#5a5a5a' },
      `Negative: early. No bar: fewer than ${ENOUGH_FLIGHTS.toLocaleString('en-US')} flights. Data: vega-datasets, flights-3m.`,
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${image.markup}`;
}

function toBar(label: string, description: string, sums: Sums): Bar {
  const mean = meanDelay(sums);
  return {
    label,
    value: sums.flights < ENOUGH_FLIGHTS ? undefined : mean,
    hint: `${description}: ${mean.toFixed(1)} min, ${sums.flights.toLocaleString('en-US')} flights`,
  };
}
