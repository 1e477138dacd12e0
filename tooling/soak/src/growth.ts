import { median, trendOf } from './flatness.js';
import { ROLES, type Role, type WatchedProcess } from './watched-process.js';

/** How memory and descriptors of the processes of one role went. */
export interface Growth {
  readonly role: Role;
  /** Processes that there were, one after the other or at once. */
  readonly processes: number;
  /** Those that lived long enough to be judged. */
  readonly judged: number;
  /** Memory, in MB: the median over the second half of the life of the process in the middle. */
  readonly memoryMb: number;
  /** The largest growth over the second half of a life, in MB. */
  readonly memoryGrowthMb: number;
  readonly descriptors: number;
  readonly descriptorsGrowth: number;
  /** What grows and should not, in words. */
  readonly wrong: readonly string[];
}

/** Growth over the second half of a life that is flat: so much, or this part of the median if that is more. */
const FLAT = { memoryMb: 16, descriptors: 5, part: 0.15 };

/**
 * Judges whether memory and descriptors are flat after warming up, process by process.
 *
 * @param judgedFromMs processes that lived less are counted only
 */
export function growthOf(processes: readonly WatchedProcess[], judgedFromMs: number): Growth[] {
  return ROLES.map((role) => {
    const all = processes.filter((each) => each.role === role);
    const judged = all.filter(({ livedMs }) => livedMs >= judgedFromMs);
    const trends = judged.map(({ pid, memory, descriptors }) => ({
      pid,
      memory: trendOf(memory),
      descriptors: trendOf(descriptors),
    }));
    const wrong = trends.flatMap(({ pid, memory, descriptors }) => [
      ...(memory.growth <= Math.max(FLAT.memoryMb, FLAT.part * memory.median)
        ? []
        : [
            `the memory of ${role} ${pid} grew by ${memory.growth.toFixed(1)} MB in the second half of its life`,
          ]),
      ...(descriptors.growth <= Math.max(FLAT.descriptors, FLAT.part * descriptors.median)
        ? []
        : [
            `${role} ${pid} had ${descriptors.growth.toFixed(1)} descriptors more after the second half of its life`,
          ]),
    ]);
    return {
      ...{ role, processes: all.length, judged: judged.length },
      memoryMb: median(trends.map(({ memory }) => memory.median)),
      memoryGrowthMb: most(trends.map(({ memory }) => memory.growth)),
      descriptors: median(trends.map(({ descriptors }) => descriptors.median)),
      descriptorsGrowth: most(trends.map(({ descriptors }) => descriptors.growth)),
      wrong,
    };
  });
}

function most(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.max(...values);
}
