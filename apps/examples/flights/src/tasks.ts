import { readFlights, type RowRange } from './flights-file.js';
import { addFlight, noFlights, type FlightSums } from './sums.js';

/**
 * Reads some rows of the file and adds them up.
 *
 * This runs in the worker processes, and it is an ordinary function: what it imports travels with it, the Parquet reader
 * included, so a worker needs neither this project nor its node_modules.
 */
export async function sumRows(file: string, range: RowRange): Promise<FlightSums> {
  const sums = noFlights();
  for (const { hour, delayMin, distanceMiles } of await readFlights(file, range)) {
    addFlight(sums, hour, delayMin, distanceMiles);
  }
  return sums;
}
