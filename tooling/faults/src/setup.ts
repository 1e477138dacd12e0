import type { Combination, When, Who } from './combination.js';
import type { FaultyRun, RunPlan } from './faulty-run.js';
import { HARMS, type Harm } from './harm.js';
import { clockJumps, clockMissing } from './harms/clock.js';
import { noDescriptors } from './harms/descriptors.js';
import { fullDisk, mountMissing } from './harms/disk.js';
import { networkMissing, NetworkFault } from './harms/network.js';
import { noPorts } from './harms/ports.js';
import { planFor, type ProcessKind } from './moments.js';

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

/** Prepares a case. */
export function setUp(combination: Combination): Setup {
  const { who, how } = combination;
  switch (who) {
    case 'network':
      return new NetworkFault(combination);
    case 'clock':
      return clockJumps(combination);
    case 'disk':
      return fullDisk(combination);
    case 'descriptors':
      return noDescriptors(combination);
    case 'ports':
      return noPorts(combination);
    default:
      return { plan: planFor(combination), by: who, harm: harmOf(how), [Symbol.dispose]: () => undefined };
  }
}

/** Why there can be no cases of this kind on this machine; `undefined`: there can. */
export function missingFor(who: Who): string | undefined {
  switch (who) {
    case 'network':
    case 'ports':
      return networkMissing();
    case 'clock':
      return clockMissing();
    case 'disk':
      return mountMissing();
    default:
      return undefined;
  }
}

function harmOf(how: string): Harm {
  const harm = HARMS[how];
  if (harm === undefined) throw new Error(`nothing is known of '${how}'`);
  return harm;
}
