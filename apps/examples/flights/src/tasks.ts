import { readFlights, type FilePiece, type RowRange } from './flights-file.js';
import { addFlight, noFlights, type FlightSums } from './sums.js';

/**
 * Reads some rows of the file, of which it is given a piece, and adds them up.
 *
 * This runs in the worker processes, and it is an ordinary function: what it imports travels with it, the Parquet reader
 * included, so a worker needs neither this project nor its node_modules. What it works on travels as well, so it needs no
 * file either.
 */
export async function sumRows(piece: FilePiece, range: RowRange): Promise<FlightSums> {
  const sums = noFlights();
  for (const { hour, delayMin, distanceMiles } of await readFlights(piece, range)) {
    addFlight(sums, hour, delayMin, distanceMiles);
  }
  return sums;
}
