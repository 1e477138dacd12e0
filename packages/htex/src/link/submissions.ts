/** Bytes that a submission takes. */
const NUMBER_BYTES = 8;

/** Submissions in the body of a frame, f64 each. */
export function packSubmissions(submissions: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(submissions.length * NUMBER_BYTES);
  for (const [index, submission] of submissions.entries())
    bytes.writeDoubleLE(submission, index * NUMBER_BYTES);
  return bytes;
}

/** The submissions that begin at `start`. */
export function readSubmissions(bytes: Buffer, start = 0): number[] {
  const count = Math.floor((bytes.length - start) / NUMBER_BYTES);
  return Array.from({ length: count }, (_, index) => bytes.readDoubleLE(start + index * NUMBER_BYTES));
}
