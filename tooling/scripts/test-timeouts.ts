import { expect, vi } from 'vitest';

// A test that starts processes gets a minute, so that a slow machine does not fail it; any other has to be quick.
const ofProcesses = /\.(?:integration|slurm|torque|gridengine|pbs)\.test\.ts$/;
const startsProcesses = ofProcesses.test(expect.getState().testPath ?? '');
const timeoutMs = startsProcesses ? 60_000 : 10_000;
vi.setConfig({ testTimeout: timeoutMs, hookTimeout: timeoutMs });
