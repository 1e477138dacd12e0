/** What came of mutated frames for one reader. */
export interface Figures {
  readonly name: string;
  readonly frames: number;
  /** Frames that were read without an error: the mutation hit what may be anything, such as the letters of a text. */
  readonly accepted: number;
  /** Frames that were refused with an error of the reader's own. */
  readonly refused: number;
  readonly seconds: number;
  /** Memory in use after the last frame beyond that after a tenth of them, garbage collected both times, in bytes. */
  readonly growthBytes: number;
  /** The frame that took the longest, in ms: pauses of the garbage collector and of a busy machine included. */
  readonly slowestMs: number;
}
