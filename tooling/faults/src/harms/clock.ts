import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Combination } from '../combination.js';
import type { Harm } from '../harm.js';
import { planFor } from '../moments.js';
import { isRunning } from '../processes.js';
import type { Setup } from '../setup.js';

const LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));
/** Where Linux keeps it. */
const SHARED_MEMORY = '/dev/shm';
const HOUR_S = 3600;

/** Why clocks cannot jump here; `undefined`: they can. */
export function clockMissing(): string | undefined {
  return LIBRARY === undefined ? 'there is no libfaketime (Debian: faketime)' : undefined;
}

/** The wall clock of all processes of the case jumps, and nobody else's. */
export function clockJumps({ how, when }: Combination): Setup {
  const directory = mkdtempSync(join(tmpdir(), 'fault-clock-'));
  const file = join(directory, 'offset');
  const set = (seconds: number) => {
    writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  const harm: Harm = {
    strike: () => set(how === 'an hour back' ? -HOUR_S : HOUR_S),
    lastsMs: Infinity,
    relent: () => undefined,
  };
  return {
    plan: {
      ...planFor({ who: 'manager', when }),
      environment: {
        LD_PRELOAD: LIBRARY ?? '',
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        FAKETIME_DONT_RESET: '1',
      },
    },
    by: 'manager',
    harm,
    [Symbol.dispose]: () => {
      rmSync(directory, { recursive: true, force: true });
      clearShared();
    },
  };
}

/** Removes what libfaketime shares between processes, and leaves when one is killed, of those that have gone. */
function clearShared(): void {
  for (const name of readdirSync(SHARED_MEMORY)) {
    const pid = /^(?:faketime_shm|sem\.faketime_sem)_(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(SHARED_MEMORY, name), { force: true });
  }
}
