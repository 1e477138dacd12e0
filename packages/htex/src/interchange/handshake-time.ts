/** Thousands of encrypted handshakes at once take longer than a few seconds; one that is given up starts anew. In ms. */
const LONGEST_MS = 30_000;
/** Any peer that is alive is through by then, in ms. */
const SHORTEST_MS = 2000;

/** So many connections a second that say nothing must leave half of the descriptors to pools. */
const SILENT_PER_MS = 1;

/**
 * How long a peer has to be let in, in ms. Until then it costs a descriptor, and when these run out nobody gets in. Where
 * they are few, so are the pools that may be let in at once, and each is through sooner.
 *
 * @param mostManagers how many pools the descriptors are enough for
 */
export function handshakeMs(mostManagers: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Math.floor(mostManagers / 2 / SILENT_PER_MS)));
}
