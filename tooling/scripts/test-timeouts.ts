import { expect, vi } from 'vitest';

// What a test waits for has so long that no machine is too slow and too busy for it; a test that is quick stays so.
const ofProcesses = /\.(?:integration|slurm|torque|gridengine|pbs)\.test\.ts$/;
const startsProcesses = ofProcesses.test(expect.getState().testPath ?? '');
const [testTimeout, hookTimeout, pollMs] = startsProcesses
  ? [180_000, 120_000, 20_000]
  : [30_000, 30_000, 8000];
vi.setConfig({ testTimeout, hookTimeout, expect: { poll: { timeout: pollMs } } });

// This one has a second unless it is told otherwise, which no setting changes.
const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: pollMs, ...options });
