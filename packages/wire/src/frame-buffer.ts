import { FRAME_HEAD_BYTES, frameLength } from './stream-frame.js';

/** Memory that small frames share, and so the most that is read at once of them. It lives as long as any of them. */
const SHARED_BYTES = 64 * 1024;
/** A read has so much room at least, while no large frame is under way. */
const LEAST_ROOM_BYTES = 8 * 1024;

/** What a socket takes as `onread`, to read into memory of the caller's. */
export interface ReadInto {
  buffer(): Buffer;
  callback(bytes: number): boolean;
}

/** Has a socket read into `frames`; after each read, `onTurn` is called. */
export function readInto(frames: FrameBuffer, onTurn: () => void = () => undefined): ReadInto {
  return {
    buffer: () => frames.room,
    callback: (bytes) => {
      try {
        frames.filled(bytes);
        onTurn();
      } catch (error) {
        // If it were thrown here, the socket would read the next bytes to the same place as these.
        queueMicrotask(() => {
          throw error;
        });
      }
      return true;
    },
  };
}

/**
 * Cuts a byte stream into frames, as `StreamFrameReader` does, where the caller can say where bytes are read to: those of a
 * large frame come into the memory of that frame at once, and nothing else. Only what had come before its length was known
 * is copied.
 */
export class FrameBuffer {
  private readonly onFrame: (type: number, body: Buffer) => void;
  private shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  /** In `shared`: where the first frame begins that is not complete, and where its bytes end. */
  private start = 0;
  private end = 0;
  /** A frame that is under way, and does not fit into `shared`. */
  private large: Buffer | undefined;
  private largeEnd = 0;

  constructor(onFrame: (type: number, body: Buffer) => void) {
    this.onFrame = onFrame;
  }

  /** Where the next bytes are to be read to; never empty. To be asked for anew after each {@link filled}. */
  get room(): Buffer {
    return this.large === undefined ? this.shared.subarray(this.end) : this.large.subarray(this.largeEnd);
  }

  /**
   * Takes the first `count` bytes of {@link room} and reports every frame that is complete. What `onFrame` throws passes
   * through; the frames after that one are reported with the next bytes.
   *
   * @throws ProtocolError when a length is impossible; the stream cannot be used any more, and every further call throws.
   */
  filled(count: number): void {
    if (this.large !== undefined) return this.filledLarge(this.large, count);
    this.end += count;
    let needed = FRAME_HEAD_BYTES;
    try {
      for (;;) {
        const { shared, start, end } = this;
        needed = FRAME_HEAD_BYTES;
        if (end - start < needed) break;
        needed = frameLength(shared, start);
        if (end - start < needed) break;
        this.start += needed;
        this.onFrame(shared[start + 4] ?? 0, shared.subarray(start + FRAME_HEAD_BYTES, start + needed));
      }
    } finally {
      this.makeRoom(needed);
    }
  }

  private filledLarge(large: Buffer, count: number): void {
    this.largeEnd += count;
    if (this.largeEnd < large.length) return;
    this.large = undefined;
    this.onFrame(large[4] ?? 0, large.subarray(FRAME_HEAD_BYTES));
  }

  /** For a frame of so many bytes, of which those before `end` are there. */
  private makeRoom(needed: number): void {
    const { shared, start, end } = this;
    if (needed > SHARED_BYTES) {
      this.large = Buffer.allocUnsafeSlow(needed);
      this.largeEnd = shared.copy(this.large, 0, start, end);
      this.end = start;
    } else if (start > 0 && Math.max(start + needed, end + LEAST_ROOM_BYTES) > SHARED_BYTES) {
      this.shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
      this.end = shared.copy(this.shared, 0, start, end);
      this.start = 0;
    }
  }
}
