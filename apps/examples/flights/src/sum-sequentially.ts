import { cutOut, readFlights, type RowRange } from './flights-file.js';
import { addFlight, noFlights, type FlightSums } from './sums.js';

/** The same sums in a plain loop in this process, without apps, futures and workers: the answer to compare with. */
export async function sumSequentially(file: string, ranges: readonly RowRange[]): Promise<FlightSums> {
  const sums = noFlights();
  for (const range of ranges) {
    for (const { hour, delayMin, distanceMiles } of await readFlights(cutOut(file, range), range)) {
      addFlight(sums, hour, delayMin, distanceMiles);
    }
  }
  return sums;
}
