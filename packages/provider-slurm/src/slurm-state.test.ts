import { describe, expect, test } from 'vitest';
import { statusOf, statusOfAll, type SlurmRecord } from './slurm-state.js';

const record = (changes: Partial<SlurmRecord>): SlurmRecord => ({
  part: '1',
  state: 'RUNNING',
  exitCode: 0,
  signal: 0,
  reason: 'None',
  ...changes,
});

describe('statusOf', () => {
  // What `squeue -t NOSUCH` of Slurm 22.05 says that there is, and what later versions added.
  test.each([
    ['PENDING', 'pending'],
    ['RUNNING', 'running'],
    ['SUSPENDED', 'held'],
    ['COMPLETED', 'completed'],
    ['CANCELLED', 'cancelled'],
    ['FAILED', 'failed'],
    ['TIMEOUT', 'timeout'],
    ['NODE_FAIL', 'failed'],
    ['PREEMPTED', 'timeout'],
    ['BOOT_FAIL', 'failed'],
    ['DEADLINE', 'timeout'],
    ['OUT_OF_MEMORY', 'failed'],
    ['COMPLETING', 'running'],
    ['CONFIGURING', 'pending'],
    ['RESIZING', 'running'],
    ['RESV_DEL_HOLD', 'held'],
    ['REQUEUED', 'pending'],
    ['REQUEUE_FED', 'pending'],
    ['REQUEUE_HOLD', 'held'],
    ['REVOKED', 'failed'],
    ['SIGNALING', 'running'],
    ['SPECIAL_EXIT', 'held'],
    ['STAGE_OUT', 'running'],
    ['STOPPED', 'held'],
    ['EXPEDITING', 'pending'],
    ['LAUNCH_FAILED', 'failed'],
    ['POWER_UP_NODE', 'pending'],
    ['RECONFIG_FAIL', 'failed'],
    ['UPDATE_DB', 'running'],
  ])('%s is %s', (state, expected) => {
    expect(statusOf(record({ state })).state).toBe(expected);
  });

  test('a state that Slurm has not had so far ends nothing, and is told', () => {
    expect(statusOf(record({ state: 'DREAMING' }))).toEqual({ state: 'running', message: 'DREAMING' });
  });

  test.each([
    'JobHeldUser',
    'JobHeldAdmin',
    'JobHoldMaxRequeue',
    'job requeued in held state',
    'launch failed requeued held',
    'BadConstraints',
    'DependencyNeverSatisfied',
    'InvalidAccount',
    'InvalidQOS',
    'ReservationInvalid',
    'AccountNotAllowed',
    'QOSNotAllowed',
    'PartitionConfig',
    'PartitionNodeLimit',
    'PartitionTimeLimit',
    'AssocMaxWallDurationPerJobLimit',
    'QOSMaxNodePerJobLimit',
    'QOSMaxMemoryPerNode',
    'MaxMemPerLimit',
  ])('a job that waits because of %s will not start by itself', (reason) => {
    expect(statusOf(record({ state: 'PENDING', reason }))).toEqual({
      state: 'held',
      message: `PENDING: ${reason}`,
    });
  });

  test.each([
    'Resources',
    'Priority',
    'BeginTime',
    'Dependency',
    'PartitionDown',
    'ReqNodeNotAvail, UnavailableNodes:node2',
    'AssocGrpCpuLimit',
    'QOSMaxJobsPerUserLimit',
    'JobArrayTaskLimit',
  ])('a job that waits because of %s may start', (reason) => {
    expect(statusOf(record({ state: 'PENDING', reason }))).toEqual({
      state: 'pending',
      message: `PENDING: ${reason}`,
    });
  });

  test.each<[string, Partial<SlurmRecord>, object]>([
    ['success', { state: 'COMPLETED' }, { state: 'completed', exitCode: 0 }],
    [
      'an exit code',
      { state: 'FAILED', exitCode: 7, reason: 'NonZeroExitCode' },
      { state: 'failed', exitCode: 7, message: 'FAILED: NonZeroExitCode' },
    ],
    [
      'a signal that ended the script',
      { state: 'FAILED', signal: 9, reason: '' },
      { state: 'failed', signal: 'SIGKILL', message: 'FAILED' },
    ],
    [
      'a signal that ended its last command',
      { state: 'FAILED', exitCode: 137, reason: '' },
      { state: 'failed', exitCode: 137, signal: 'SIGKILL', message: 'FAILED' },
    ],
    [
      'the end of its time',
      { state: 'TIMEOUT', signal: 15, reason: 'TimeLimit' },
      { state: 'timeout', message: 'TIMEOUT: TimeLimit' },
    ],
    [
      'preemption',
      { state: 'PREEMPTED', signal: 15, reason: '' },
      { state: 'timeout', message: 'PREEMPTED' },
    ],
    [
      'the death of a node',
      { state: 'NODE_FAIL', reason: 'NodeDown' },
      { state: 'failed', message: 'NODE_FAIL: NodeDown' },
    ],
    [
      'memory',
      { state: 'OUT_OF_MEMORY', signal: 125, reason: 'OutOfMemory' },
      {
        state: 'failed',
        message: "OUT_OF_MEMORY: it used more memory than 'memPerNodeGb' or the partition's default gave it",
      },
    ],
    ['somebody', { state: 'CANCELLED', signal: 15 }, { state: 'cancelled', message: 'CANCELLED' }],
  ])('tells an end by %s from others', (_, changes, status) => {
    expect(statusOf(record(changes))).toEqual(status);
  });

  test('says what it means that a script never ran', () => {
    const { state, message } = statusOf(record({ state: 'FAILED', signal: 53 }));
    expect(state).toBe('failed');
    expect(message).toContain('could not open the files for its output');
  });
});

describe('statusOfAll', () => {
  test.each([
    [['COMPLETED', 'RUNNING', 'PENDING'], 'running'],
    [['FAILED', 'PENDING'], 'pending'],
    [['COMPLETED', 'CANCELLED', 'FAILED', 'TIMEOUT'], 'failed'],
    [['COMPLETED', 'TIMEOUT', 'CANCELLED'], 'timeout'],
    [['COMPLETED', 'CANCELLED'], 'cancelled'],
    [['COMPLETED', 'COMPLETED'], 'completed'],
    [['RUNNING'], 'running'],
    [[], undefined],
  ])('parts that are %j are together %s', (states, expected) => {
    expect(statusOfAll(states.map((state) => record({ state })))?.state).toBe(expected);
  });
});
