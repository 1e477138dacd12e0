import { strict as assert } from 'node:assert';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionProvider } from '../contract.js';
import type { Case } from './case.js';
import type { ConformanceSubject } from './conformance-subject.js';
import type { Trial } from './trial.js';

/** What becomes of blocks that ask for what the scheduler does not have. */
export function requestCases({ unsatisfiable = {} }: ConformanceSubject): readonly Case[] {
  return Object.entries(unsatisfiable).map(([what, create]) => ({
    name: `a block that asks for ${what} is refused, or held with the reason`,
    run: (trial) => isRefusedOrHeld(trial, create()),
  }));
}

/** Some schedulers refuse at once, others take the job and never start it. Neither may pass for a job that waits. */
async function isRefusedOrHeld(trial: Trial, provider: ExecutionProvider): Promise<void> {
  let id: string;
  try {
    id = await provider.submit(trial.request('true'));
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error, String(error));
    assert.equal(error.code, 'PARSL_SUBMIT');
    return;
  }
  try {
    await trial.until('a job that is held, with the reason', async () => {
      const status = (await provider.status([id])).get(id);
      assert.notEqual(status?.state, 'running', 'the job runs');
      await delay(provider.pollIntervalMs);
      return status?.state === 'held' && status.message !== undefined && status.message !== '';
    });
  } finally {
    await provider.cancel([id]);
  }
}
