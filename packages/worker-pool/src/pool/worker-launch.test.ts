import { expect, test } from 'vitest';

import { workerCommands, type WorkerSettings } from './worker-launch.js';

const settings: WorkerSettings = {
  poolId: 'abc',
  blockId: '4',
  workers: 2,
  cpuAffinity: 'none',
  accelerators: [],
  memPerWorkerGb: undefined,
};

test('workers are told who they are and inherit the environment but for what concerns this process', () => {
  const base = { HOME: '/h', NODE_OPTIONS: '--inspect', VITEST_WORKER_ID: '1', NODE_CHANNEL_FD: '3' };
  const [, second] = workerCommands(settings, base);
  expect(second?.env).toEqual({
    HOME: '/h',
    PARSL_WORKER_RANK: '1',
    PARSL_WORKER_COUNT: '2',
    PARSL_WORKER_POOL_ID: 'abc',
    PARSL_WORKER_BLOCK_ID: '4',
  });
});

test('each gets devices of its own', () => {
  const commands = workerCommands({ ...settings, accelerators: ['0,1', '2'] }, {});
  expect(commands.map(({ env }) => env['CUDA_VISIBLE_DEVICES'])).toEqual(['0,1', '2']);
  expect(commands[1]?.env).toMatchObject({
    ROCR_VISIBLE_DEVICES: '2',
    ZE_AFFINITY_MASK: '2',
    ZE_ENABLE_PCI_ID_DEVICE_ORDER: '1',
  });
});

test('devices are counted among those that the pool was given', () => {
  const devicesOf = (accelerators: string[], base: NodeJS.ProcessEnv) =>
    workerCommands({ ...settings, accelerators }, base).map(({ env }) => env['CUDA_VISIBLE_DEVICES']);
  expect(devicesOf(['0', '1'], { CUDA_VISIBLE_DEVICES: '2,3' })).toEqual(['2', '3']);
  expect(devicesOf(['0,1', '2,3'], { CUDA_VISIBLE_DEVICES: '4,5,6,7' })).toEqual(['4,5', '6,7']);
  expect(devicesOf(['0', '1'], { CUDA_VISIBLE_DEVICES: 'GPU-5b8e, GPU-77aa' })).toEqual([
    'GPU-5b8e',
    'GPU-77aa',
  ]);
  const [first] = workerCommands({ ...settings, accelerators: ['0', '1'] }, { ROCR_VISIBLE_DEVICES: '5,6' });
  expect(first?.env).toMatchObject({
    CUDA_VISIBLE_DEVICES: '0',
    ROCR_VISIBLE_DEVICES: '5',
    ZE_AFFINITY_MASK: '0',
  });
});

test.each(['', '2', '2,', 'NoDevFiles'])('two devices among %j are those of the host', (visible) => {
  const commands = workerCommands(
    { ...settings, accelerators: ['0', '1'] },
    { CUDA_VISIBLE_DEVICES: visible },
  );
  expect(commands.map(({ env }) => env['CUDA_VISIBLE_DEVICES'])).toEqual(['0', '1']);
});

test('devices that are named otherwise are as said', () => {
  const commands = workerCommands(
    { ...settings, accelerators: ['GPU-5b8e', '0'] },
    { CUDA_VISIBLE_DEVICES: '2,3' },
  );
  expect(commands.map(({ env }) => env['CUDA_VISIBLE_DEVICES'])).toEqual(['GPU-5b8e', '0']);
});

test('its memory bounds its heap', () => {
  const [first] = workerCommands({ ...settings, memPerWorkerGb: 1.5 }, {});
  expect(first?.args[0]).toBe('--max-old-space-size=1536');
});

test('binding to cores needs taskset', () => {
  expect(() => workerCommands({ ...settings, cpuAffinity: 'list:0:1' }, { PATH: '/nowhere' })).toThrow(
    "'taskset'",
  );
  const [, second] = workerCommands({ ...settings, cpuAffinity: 'list:0:1,3' }, process.env);
  expect(second?.command).toBe('taskset');
  expect(second?.args.slice(0, 2)).toEqual(['-c', '1,3']);
  expect(second?.env).toMatchObject({ OMP_NUM_THREADS: '2' });
});
