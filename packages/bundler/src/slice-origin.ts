import { LineIndex } from './line-index.js';
import type { ModuleSource, OriginOf } from './module-source.js';
import type { Slice, SliceCopy } from './slice.js';

/** Leads from a line and column of a slice back to the user's source. Nothing is computed before it is called. */
export function sliceOrigin(slice: Slice, source: ModuleSource): OriginOf {
  let lines: LineIndex | undefined;
  return (line, column) => {
    lines ??= new LineIndex(slice.code);
    const offset = lines.offset(line, column);
    const copy = slice.copies.findLast(({ at }) => at <= offset);
    if (copy === undefined) return undefined;
    return source.placeOf(offsetIn(copy, offset));
  };
}

/** Text between copies belongs to the one before it. */
function offsetIn({ at, start, length }: SliceCopy, offset: number): number {
  return start + Math.min(offset - at, length);
}
