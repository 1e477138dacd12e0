/** Runs of each property: a few for every commit; `PARSL_FUZZ_RUNS` asks for more, such as a million in a night. */
export function fuzzRuns(usual: number): number {
  const wanted = Number(process.env['PARSL_FUZZ_RUNS'] ?? '');
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : usual;
}

/** Time limit of a test with so many runs, in ms. */
export function fuzzTimeoutMs(runs: number): number {
  return 10_000 + runs * 5;
}
