import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobId, JobStatus } from '@parsl-ts/provider';
import { expect, onTestFinished, vi } from 'vitest';
import type { SlurmProviderOptions } from '../slurm-provider-options.js';
import { SlurmProvider } from '../slurm-provider.js';

/** A provider, and what a test does with it. */
export interface TriedProvider {
  readonly provider: SlurmProvider;
  /** Where its scripts are. */
  readonly scriptDir: string;
  /** Submits a line of `sh`. */
  submit(command: string): Promise<JobId>;
  /** Waits until the provider says that a job is in a state. */
  until(id: JobId, state: string): Promise<JobStatus>;
}

/**
 * Makes a provider for a test, after which its jobs are cancelled and its directory is removed.
 *
 * @param atEnd notes what is to be done after the test; one of several that run at the same time gives its own
 */
export function tryProvider(
  options: SlurmProviderOptions = {},
  atEnd: (end: () => Promise<void>) => void = onTestFinished,
): TriedProvider {
  const provider = new SlurmProvider({ exclusive: false, pollIntervalMs: 100, ...options });
  const scriptDir = mkdtempSync(join(tmpdir(), 'slurm-provider-'));
  const ids: JobId[] = [];
  atEnd(async () => {
    await provider.cancel(ids);
    rmSync(scriptDir, { recursive: true, maxRetries: 5 });
  });
  return {
    provider,
    scriptDir,
    submit: async (command) => {
      const request = { name: `block-${ids.length}`, command, tasksPerNode: 1, scriptDir };
      const id = await provider.submit(request);
      ids.push(id);
      return id;
    },
    until: (id, state) =>
      vi.waitFor(
        async () => {
          const now = (await provider.status([id])).get(id);
          expect(now?.state, now?.message).toBe(state);
          return now ?? expect.fail(`nothing is known of job ${id}`);
        },
        { timeout: 90_000, interval: 100 },
      ),
  };
}
