import { INTRUDERS, type IntruderKind, type Target } from '@parsl-ts-internal/other-hosts';

/** What the process is told, as the JSON of its first argument. */
export interface Orders {
  readonly target: Target;
  readonly kind: IntruderKind;
  /** Attempts in a second. */
  readonly rate: number;
}

/** How long an attempt is kept up: one with an answer until it has come, one without for longer than anybody waits. In ms. */
const STAY_MS: Partial<Record<IntruderKind, number>> & { readonly standard: number } = {
  standard: 200,
  'nothing to say': 60_000,
  'half a greeting': 60_000,
};
/** How often it looks how many attempts are due, in ms. */
const TURN_MS = 5;

const { target, kind, rate } = JSON.parse(process.argv[2] ?? '') as Orders;
const stayMs = STAY_MS[kind] ?? STAY_MS.standard;
const begin = performance.now();
let made = 0;
setInterval(() => {
  for (const due = ((performance.now() - begin) * rate) / 1000; made < due; made++) {
    const peer = INTRUDERS[kind](target);
    setTimeout(() => peer.close(), stayMs);
  }
}, TURN_MS);
process.on('message', () => process.send?.(made));
process.on('disconnect', () => process.exit());
