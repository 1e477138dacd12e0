import type { Ability, Hook, ProviderWishes } from './conformance-subject.js';
import type { Trial } from './trial.js';

/** One behaviour that every provider has, before it is bound to a provider. */
export interface Case {
  readonly name: string;
  /** What the provider must be able to do for it. */
  readonly needs?: Ability;
  /** What the subject must be able to do to the scheduler for it. */
  readonly needsHook?: Hook;
  /** What the provider must be like. One node per block unless told. */
  readonly wishes?: Partial<ProviderWishes>;
  readonly run: (trial: Trial) => Promise<void>;
}
