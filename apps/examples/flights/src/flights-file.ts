import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Rows of a file, from `rowStart` up to, not including, `rowEnd`. */
export interface RowRange {
  readonly rowStart: number;
  readonly rowEnd: number;
}

/** What is read of a flight. */
export interface Flight {
  /** Hour of the day, local time, 0 to 23. */
  readonly hour: number;
  /** Delay in minutes; negative when it was early. */
  readonly delayMin: number;
  readonly distanceMiles: number;
}

/** Absolute path of the data: three million US flights of the first half of 2001, from the package `vega-datasets`. */
export function flightsFile(): string {
  const packageEntry = pathToFileURL(createRequire(import.meta.url).resolve('vega-datasets'));
  return fileURLToPath(new URL('../data/flights-3m.parquet', packageEntry));
}

/** The row groups of a Parquet file: the pieces that can be read one without the others. */
export async function rowGroups(path: string): Promise<RowRange[]> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  let rowStart = 0;
  return metadata.row_groups.map((group) => {
    const range = { rowStart, rowEnd: rowStart + Number(group.num_rows) };
    rowStart = range.rowEnd;
    return range;
  });
}

/** Reads the flights in some rows. Rows without a date, a delay or a distance are left out. */
export async function readFlights(path: string, range: RowRange): Promise<Flight[]> {
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(path),
    columns: ['date', 'delay', 'distance'],
    ...range,
    compressors,
  });
  return rows.flatMap(({ date, delay, distance }) => {
    if (!(date instanceof Date) || typeof delay !== 'bigint' || typeof distance !== 'bigint') return [];
    // The file holds local times without a zone, which the reader takes for UTC.
    return { hour: date.getUTCHours(), delayMin: Number(delay), distanceMiles: Number(distance) };
  });
}
