import type { When } from './combination.js';
import type { FaultyRun, RunPlan } from './faulty-run.js';
import type { Harm } from './harm.js';
import type { ProcessKind } from './moments.js';

/** What a case needs. */
export interface Setup extends Disposable {
  readonly plan: RunPlan;
  /** The kind of process by which the moment is found. */
  readonly by: ProcessKind;
  readonly harm: Harm;
  /** The moment to bring the run to, if it is another than the one that the fault is about. */
  readonly reach?: When;
  /** Called when the run has started. */
  onStarted?(run: FaultyRun): void;
}
