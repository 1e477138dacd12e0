/** Upper ends of the distance bands, in miles; the last band has none. */
const BAND_LIMITS = [250, 500, 750, 1000, 1500, 2000];

/** Names of the distance bands, in miles. */
export const BANDS: readonly string[] = [
  ...BAND_LIMITS.map((limit, i) => (i === 0 ? `under ${limit}` : `${BAND_LIMITS[i - 1] ?? 0}–${limit - 1}`)),
  `${BAND_LIMITS.at(-1) ?? 0} and more`,
];

/** A flight that arrives later than this, in minutes, counts as late: the rule of the US Department of Transportation. */
const LATE_AFTER_MIN = 15;

/** What is added up over a group of flights. */
export interface Sums {
  flights: number;
  /** Sum of the delays, in minutes; early arrivals count as negative delays. */
  delayMin: number;
  /** How many of the flights were late. */
  late: number;
}

/** Sums over the same flights, once by hour of day and once by distance. */
export interface FlightSums {
  /** One for each hour of the day, from 0 to 23. */
  readonly byHour: Sums[];
  /** One for each of {@link BANDS}. */
  readonly byBand: Sums[];
}

/** Sums over no flights at all. */
export function noFlights(): FlightSums {
  return { byHour: Array.from({ length: 24 }, noSums), byBand: BANDS.map(noSums) };
}

/** Counts one flight. */
export function addFlight(sums: FlightSums, hour: number, delayMin: number, distanceMiles: number): void {
  const band = BAND_LIMITS.findIndex((limit) => distanceMiles < limit);
  add(sums.byHour[hour], { flights: 1, delayMin, late: delayMin > LATE_AFTER_MIN ? 1 : 0 });
  add(sums.byBand.at(band), { flights: 1, delayMin, late: delayMin > LATE_AFTER_MIN ? 1 : 0 });
}

/** Adds partial sums up. */
export function mergeSums(parts: readonly FlightSums[]): FlightSums {
  const total = noFlights();
  for (const part of parts) {
    part.byHour.forEach((sums, hour) => {
      add(total.byHour[hour], sums);
    });
    part.byBand.forEach((sums, band) => {
      add(total.byBand[band], sums);
    });
  }
  return total;
}

/** Sums over all flights, whatever their hour. */
export function overall(sums: FlightSums): Sums {
  const all = noSums();
  for (const hour of sums.byHour) add(all, hour);
  return all;
}

/** Mean delay in minutes; 0 where there are no flights. */
export function meanDelay({ flights, delayMin }: Sums): number {
  return flights === 0 ? 0 : delayMin / flights;
}

function noSums(): Sums {
  return { flights: 0, delayMin: 0, late: 0 };
}

function add(to: Sums | undefined, more: Sums): void {
  if (to === undefined) throw new RangeError('There is no such hour or distance band');
  to.flights += more.flights;
  to.delayMin += more.delayMin;
  to.late += more.late;
}
