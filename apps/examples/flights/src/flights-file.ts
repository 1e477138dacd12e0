import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parquetMetadata, parquetReadObjects, type FileMetaData } from 'hyparquet';
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

/** As much of a Parquet file as it takes to read some of its rows. Plain data: it can go into a task's arguments. */
export interface FilePiece {
  /** Where in the file it begins, in bytes. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** The end of the file, which says what is where in it. */
  readonly footer: Uint8Array;
}

/** The columns that are read. */
const COLUMNS = ['date', 'delay', 'distance'];

/** The row groups of a Parquet file: the pieces that can be read one without the others. */
export function rowGroups(path: string): RowRange[] {
  return withFile(path, (file) => groupRanges(parquetMetadata(readFooter(file).buffer)));
}

/** Cuts out of a Parquet file what it takes to read some rows of it. */
export function cutOut(path: string, range: RowRange): FilePiece {
  return withFile(path, (file) => {
    const footer = readFooter(file);
    const [start, end] = bytesOf(parquetMetadata(footer.buffer), range);
    return { start, bytes: readBytes(file, start, end), footer };
  });
}

/** Reads the flights in some rows. Rows without a date, a delay or a distance are left out. */
export async function readFlights({ start, bytes, footer }: FilePiece, range: RowRange): Promise<Flight[]> {
  const rows = await parquetReadObjects({
    file: {
      byteLength: start + bytes.length,
      slice: (from, to) => bytes.slice(from - start, to === undefined ? to : to - start).buffer,
    },
    metadata: parquetMetadata(footer.slice().buffer),
    columns: COLUMNS,
    ...range,
    compressors,
  });
  return rows.flatMap(({ date, delay, distance }) => {
    if (!(date instanceof Date) || typeof delay !== 'bigint' || typeof distance !== 'bigint') return [];
    // The file holds local times without a zone, which the reader takes for UTC.
    return { hour: date.getUTCHours(), delayMin: Number(delay), distanceMiles: Number(distance) };
  });
}

function groupRanges(metadata: FileMetaData): RowRange[] {
  let rowStart = 0;
  return metadata.row_groups.map((group) => {
    const range = { rowStart, rowEnd: rowStart + Number(group.num_rows) };
    rowStart = range.rowEnd;
    return range;
  });
}

/** Where the bytes begin and end that hold the columns of some rows. */
function bytesOf(metadata: FileMetaData, range: RowRange): [start: number, end: number] {
  const chunks = groupRanges(metadata)
    .flatMap(({ rowStart, rowEnd }, group) =>
      rowStart < range.rowEnd && range.rowStart < rowEnd ? (metadata.row_groups[group]?.columns ?? []) : [],
    )
    .flatMap(({ meta_data: chunk }) =>
      chunk !== undefined && COLUMNS.includes(chunk.path_in_schema[0] ?? '') ? chunk : [],
    )
    .map((chunk) => {
      const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
      return { start, end: start + Number(chunk.total_compressed_size) };
    });
  return [Math.min(...chunks.map(({ start }) => start)), Math.max(...chunks.map(({ end }) => end))];
}

/** The last eight bytes of a Parquet file say how long its description before them is. */
function readFooter(file: number): Uint8Array<ArrayBuffer> {
  const { size } = fstatSync(file);
  const length = new DataView(readBytes(file, size - 8, size).buffer).getUint32(0, true);
  return readBytes(file, size - 8 - length, size);
}

function readBytes(file: number, start: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  readSync(file, bytes, 0, bytes.length, start);
  return bytes;
}

function withFile<T>(path: string, read: (file: number) => T): T {
  const file = openSync(path, 'r');
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}
