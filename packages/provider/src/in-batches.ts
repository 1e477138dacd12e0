import type { JobId } from './contract.js';

/** Ids, each once, in groups of at most `size` for one command each. */
export function inBatches(ids: readonly JobId[], size: number): readonly (readonly JobId[])[] {
  const unique = [...new Set(ids)];
  return Array.from({ length: Math.ceil(unique.length / size) }, (_, batch) =>
    unique.slice(batch * size, (batch + 1) * size),
  );
}
