import type { Combination, Who } from './combination.js';
import { HARMS, type Harm } from './harm.js';
import { clockJumps, clockMissing } from './harms/clock.js';
import { noDescriptors } from './harms/descriptors.js';
import { fullDisk, mountMissing } from './harms/disk.js';
import { networkMissing, NetworkFault } from './harms/network.js';
import { noPorts } from './harms/ports.js';
import { planFor } from './moments.js';
import type { Setup } from './setup.js';

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
