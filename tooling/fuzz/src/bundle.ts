/** The frames of one message as one, each behind its length, so that what mutates one mutates them all and their count. */
export function bundle(frames: readonly Buffer[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const head = Buffer.allocUnsafe(4);
      head.writeUInt32LE(frame.length, 0);
      return [head, frame];
    }),
  );
}

/** The frames of a bundle, whatever has become of it: the last one takes what is there. */
export function unbundle(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const start = at + 4;
    at = Math.min(bytes.length, start + bytes.readUInt32LE(at));
    frames.push(bytes.subarray(start, at));
  }
  return frames;
}
