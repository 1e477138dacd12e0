/** Of the time that is left, so much is kept for the last messages and the end of the workers, but at most so many ms. */
const MARGIN = 0.05;
const MAX_MARGIN_MS = 5000;
/** The same for how long before the end no more tasks are taken, unless it is said. */
const DRAIN = 0.1;
const MAX_DRAIN_MS = 5 * 60_000;

/** When a pool has to end, in ms of the host's clock; both infinite if nothing ends it. */
export interface BlockEnd {
  /** When it takes no more tasks. */
  readonly drainAt: number;
  /** When it gives up what still runs, a moment before its block is ended. */
  readonly endAt: number;
}

/** What is known of the end of a pool's block. */
export interface EndOptions {
  /** How long the pool may run from now on, in ms, unless the environment says when its block ends. */
  readonly walltimeMs?: number | undefined;
  /** How long before the end of its block it takes no more tasks, in ms. @default a tenth of what is left, at most 5 minutes */
  readonly drainBeforeEndMs?: number | undefined;
}

/**
 * When a pool that starts now has to end. Job scripts say in `PARSL_BLOCK_END` when their block ends, and Slurm in
 * `SLURM_JOB_END_TIME`, both in seconds since 1970: whichever is sooner counts. What lies in the past is not believed.
 *
 * @param env the pool's environment
 * @param now the time in ms: of the host's clock, and since 1970
 */
export function blockEnd(
  { walltimeMs, drainBeforeEndMs }: EndOptions,
  env: NodeJS.ProcessEnv,
  now: { readonly host: number; readonly epoch: number },
): BlockEnd {
  const leftUntil = (variable: string) => {
    const leftMs = Number(env[variable]) * 1000 - now.epoch;
    return leftMs > 0 ? leftMs : undefined;
  };
  const ofBlock = leftUntil('PARSL_BLOCK_END') ?? walltimeMs ?? Infinity;
  const leftMs = Math.min(ofBlock, leftUntil('SLURM_JOB_END_TIME') ?? Infinity);
  if (leftMs === Infinity) return { drainAt: Infinity, endAt: Infinity };
  const endAt = now.host + leftMs - Math.min(MAX_MARGIN_MS, MARGIN * leftMs);
  const drainMs = drainBeforeEndMs ?? Math.min(MAX_DRAIN_MS, DRAIN * leftMs);
  return { drainAt: Math.min(endAt, now.host + leftMs - drainMs), endAt };
}
