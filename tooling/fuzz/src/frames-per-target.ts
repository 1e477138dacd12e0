/** Mutated frames per reader: a few for every commit; `PARSL_FUZZ_FRAMES` asks for more, such as a million in a night. */
export function framesPerTarget(usual: number): number {
  const wanted = Number(process.env['PARSL_FUZZ_FRAMES'] ?? '');
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : usual;
}

/** Decides over the frames and their mutations; `PARSL_FUZZ_SEED` sets it. Else it is another one each time. */
export function fuzzSeed(): number {
  const wanted = process.env['PARSL_FUZZ_SEED'];
  return wanted === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
}

/** Time limit of a test with so many frames, in ms. */
export function attackTimeoutMs(frames: number): number {
  return 20_000 + frames * 2;
}
