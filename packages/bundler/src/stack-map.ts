import { dirname, resolve } from 'node:path';
import type { TraceMap } from '@jridgewell/trace-mapping';
import type { SourceLocation } from './contract.js';
import { formatLocation } from './function-not-shippable-error.js';
import type { OriginOf } from './module-source.js';
import type { Toolchain } from './toolchain.js';

/** What leads from the lines of a bundle to the user's source. */
export interface BundleOrigins {
  /** The bundle's id, by which its frames are recognized. */
  readonly id: string;
  /** esbuild's source map of the bundle. */
  readonly map: Uint8Array;
  /** File that the map is relative to. */
  readonly outfile: string;
  /** Lines that were put in front after the map was made. */
  readonly addedLines: number;
  /** Name that the map has for the entry. */
  readonly entry: string;
  /** Leads on from a line and column of the entry, from 0. */
  readonly entryOrigin: OriginOf;
  readonly sourceMaps: Toolchain['sourceMaps'];
}

/**
 * Longer lines of a stack are left as they are. A stack is whatever a worker says that it is, and how long it takes to find
 * places in a line grows faster than the line. In UTF-16 units.
 */
const MAX_LINE = 1024;
const LINES = new RegExp(`^.{1,${String(MAX_LINE)}}$`, 'gm');

/** Replaces each place in a bundle that a stack names by the place in the user's source. */
export function mapBundleStack(origins: BundleOrigins, stack: string): string {
  if (!stack.includes(origins.id)) return stack;
  const pattern = new RegExp(
    String.raw`(\(|at (?:async )?)([^()]*?${origins.id}\.mjs(?:\?[^:\s)]*)?):(\d+):(\d+)`,
    'g',
  );
  const tracer = new BundleTracer(origins);
  const replaced = (frame: string, before: string, _file: string, line: string, column: string) => {
    const place = tracer.locate(Number(line), Number(column));
    return place === undefined ? frame : before + formatLocation(place);
  };
  return stack.replace(LINES, (line) => (line.includes(origins.id) ? line.replace(pattern, replaced) : line));
}

class BundleTracer {
  readonly #origins: BundleOrigins;
  readonly #map: TraceMap;

  constructor(origins: BundleOrigins) {
    this.#origins = origins;
    this.#map = new origins.sourceMaps.TraceMap(Buffer.from(origins.map).toString('utf8'));
  }

  /** `line` and `column` from 1, as stacks have them. */
  locate(line: number, column: number): SourceLocation | undefined {
    const { entry, entryOrigin, outfile, addedLines, sourceMaps } = this.#origins;
    const needle = { line: line - addedLines, column: column - 1 };
    if (needle.line < 1) return undefined;
    const found = sourceMaps.originalPositionFor(this.#map, needle);
    if (found.source === null) return undefined;
    if (found.source === entry) return entryOrigin(found.line - 1, found.column);
    if (/^[\w-]+:/.test(found.source)) return undefined;
    return { file: resolve(dirname(outfile), found.source), line: found.line, column: found.column + 1 };
  }
}
