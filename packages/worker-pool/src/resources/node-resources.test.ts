import { availableParallelism, totalmem } from 'node:os';
import { expect, test } from 'vitest';

import { nodeResources } from './node-resources.js';

const nothing = () => undefined;

test('are those of the host if nothing limits them', () => {
  expect(nodeResources({}, nothing)).toEqual({
    cores: availableParallelism(),
    memoryGb: totalmem() / 2 ** 30,
  });
});

test('are what the environment says', () => {
  expect(nodeResources({ PARSL_CORES: '3', PARSL_MEMORY_GB: '1.5' }, nothing)).toEqual({
    cores: 3,
    memoryGb: 1.5,
  });
});

test.each(['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'])(
  'heed %s',
  (limit) => {
    const read = (path: string) => (path === limit ? String(2 ** 29) : undefined);
    expect(nodeResources({}, read).memoryGb).toBe(0.5);
  },
);

const STEP = '/system.slice/slurmstepd.scope/job_7/step_batch';

test('heed the limit of a batch job, which stands above the group of its step', () => {
  const files = new Map([
    ['/proc/self/cgroup', `0::${STEP}`],
    ['/proc/self/mountinfo', '31 24 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw'],
    [`/sys/fs/cgroup${STEP}/memory.max`, 'max'],
    ['/sys/fs/cgroup/system.slice/slurmstepd.scope/job_7/memory.max', String(2 ** 29)],
  ]);
  expect(nodeResources({}, (path) => files.get(path)).memoryGb).toBe(0.5);
});

test.each([
  ['512', 0.5],
  ['0', totalmem() / 2 ** 30],
  ['', totalmem() / 2 ** 30],
])('heed SLURM_MEM_PER_NODE=%s, in MB', (text, expected) => {
  expect(nodeResources({ SLURM_MEM_PER_NODE: text }, nothing).memoryGb).toBe(expected);
});

test.each([
  ['256', '2', undefined, 0.5],
  ['256', '2', '128', 0.125],
  ['256', '2', '0', 0.5],
  ['256', undefined, undefined, totalmem() / 2 ** 30],
  ['0', '2', undefined, totalmem() / 2 ** 30],
])('heed SLURM_MEM_PER_CPU=%s of %s CPUs, with SLURM_MEM_PER_NODE=%s', (perCpu, cpus, perNode, expected) => {
  const env = { SLURM_MEM_PER_CPU: perCpu, SLURM_CPUS_ON_NODE: cpus, SLURM_MEM_PER_NODE: perNode };
  expect(nodeResources(env, nothing).memoryGb).toBe(expected);
});

test('heed the least of the limits', () => {
  const read = (path: string) => (path === '/sys/fs/cgroup/memory.max' ? String(2 ** 28) : undefined);
  expect(nodeResources({ SLURM_MEM_PER_NODE: '512' }, read).memoryGb).toBe(0.25);
  expect(nodeResources({ SLURM_MEM_PER_NODE: '128' }, read).memoryGb).toBe(0.125);
});

test.each(['max', '9223372036854771712', ''])('take a limit of %j for none', (text) => {
  expect(nodeResources({}, () => text).memoryGb).toBe(totalmem() / 2 ** 30);
});

test.each(['0', '-1', 'four'])('refuse PARSL_CORES=%s', (text) => {
  expect(() => nodeResources({ PARSL_CORES: text }, nothing)).toThrow(`PARSL_CORES is '${text}'`);
});
