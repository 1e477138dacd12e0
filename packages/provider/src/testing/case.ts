import type { Ability } from './conformance-subject.js';
import type { Trial } from './trial.js';

/** One behaviour that every provider has, before it is bound to a provider. */
export interface Case {
  readonly name: string;
  /** What the provider must be able to do for it. */
  readonly needs?: Ability;
  /** Whether jobs must be made to wait for it. */
  readonly needsQueue?: boolean;
  /** Nodes of a block. 1 unless told. */
  readonly nodesPerBlock?: number;
  readonly run: (trial: Trial) => Promise<void>;
}
