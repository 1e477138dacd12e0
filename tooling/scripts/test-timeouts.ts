import { expect, vi } from 'vitest';

// A test that starts processes gets a minute, so that a slow machine does not fail it; any other has to be quick.
const startsProcesses = /\.(?:integration|slurm|torque|pbs)\.test\.ts$/.test(expect.getState().testPath ?? '');
const timeoutMs = startsProcesses ? 60_000 : 10_000;
vi.setConfig({ testTimeout: timeoutMs, hookTimeout: timeoutMs });
