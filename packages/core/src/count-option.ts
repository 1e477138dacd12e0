import { value, type Option } from '@parsl-ts/provider';

/**
 * An option that says how many there may be: an integer of at least 1, or `Infinity`.
 *
 * @param absent what it is when it is left out
 */
export function count(absent: number): Option<number> {
  return value('an integer of at least 1, or Infinity', isCount, { default: absent });
}

function isCount(given: unknown): given is number {
  return given === Infinity || (Number.isSafeInteger(given) && Number(given) >= 1);
}
