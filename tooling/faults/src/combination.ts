/** Who, or what, is struck. */
export const WHO = [
  'worker',
  'manager',
  'interchange',
  'submit process',
  'batch job',
  'network',
  'clock',
  'disk',
  'descriptors',
  'ports',
] as const;
export type Who = (typeof WHO)[number];

/** What may happen to a process. `paused`: SIGSTOP, then SIGCONT; `long` means longer than the heartbeat's threshold. */
const PROCESS = [
  'exit',
  'SIGTERM',
  'SIGKILL',
  'paused briefly',
  'paused long',
  'out of memory',
  'event loop blocked',
] as const;

/** What may happen to whom. */
export const HOW = {
  worker: PROCESS,
  manager: PROCESS,
  interchange: PROCESS,
  'submit process': PROCESS,
  'batch job': PROCESS,
  network: ['cut briefly', 'cut long', 'one-way to the pool', 'one-way from the pool', 'slow', 'lossy'],
  clock: ['an hour forward', 'an hour back'],
  disk: ['full'],
  descriptors: ['none left'],
  ports: ['none left'],
} as const satisfies Record<Who, readonly string[]>;
export type How<W extends Who = Who> = (typeof HOW)[W][number];

/** Moments in the life of a run. */
export const WHEN = [
  'starting',
  'registering',
  'task in flight',
  'result in flight',
  'draining',
  'scaling in',
  'closing',
] as const;
export type When = (typeof WHEN)[number];

/** One fault at one moment. */
export interface Combination {
  readonly who: Who;
  readonly how: How;
  readonly when: When;
}
