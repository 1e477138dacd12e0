import type { InterchangeAccess } from './manager-connection.js';

/** Tells a process which managers it simulates. */
export interface SimulatorOrder {
  readonly access: InterchangeAccess;
  /** Makes the ids of its managers differ from those of other processes. */
  readonly name: string;
  readonly managers: number;
  readonly workersEach: number;
  readonly answerMs: number;
  readonly apart: boolean;
  readonly heartbeatPeriodMs: number;
}

/** What such a process tells. */
export type SimulatorReport =
  /** It waits for its order. */
  | { readonly is: 'ready' }
  /** The interchange has welcomed so many of its managers. */
  | { readonly is: 'registered'; readonly managers: number }
  | { readonly is: 'failed'; readonly why: string };
