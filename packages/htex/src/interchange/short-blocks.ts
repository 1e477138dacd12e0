/** After so many new blocks in a row with too little time, no longer ones are expected. */
const ENOUGH = 3;

/** New blocks that had less time than tasks need which wait for one: the start of their pools took longer than expected. */
export class ShortBlocks {
  private readonly leftMs = new Map<string, number>();

  /**
   * A pool of a block has come, while all tasks that wait for more time need more than it has.
   *
   * @param leftMs for how long it will be there
   * @returns what a block can be expected to have, in ms, once that is known; begins anew then
   */
  note(blockId: string, leftMs: number): number | undefined {
    this.leftMs.set(blockId, Math.max(leftMs, this.leftMs.get(blockId) ?? 0));
    if (this.leftMs.size < ENOUGH) return undefined;
    const longest = Math.max(...this.leftMs.values());
    this.clear();
    return longest;
  }

  clear(): void {
    this.leftMs.clear();
  }
}
