import { SimpleLauncher, type CommandResult } from '@parsl-ts/provider';
import { expect, test } from 'vitest';
import { fifoDialect } from './fifo-dialect.js';

const dialect = fifoDialect({
  queue: '/q',
  nodesPerBlock: 1,
  launcher: new SimpleLauncher(),
  workerInit: 'date',
});
const request = { name: 'b', command: '/bin/pool', tasksPerNode: 1, scriptDir: '/s' };
const files = { scriptPath: '/s/b.sh', stdoutPath: '/s/b.out', stderrPath: '/s/b.err' };
const said = (stdout: string, exitCode = 0): CommandResult => ({
  exitCode,
  signal: undefined,
  stdout,
  stderr: '',
});

test('submits a script', () => {
  expect(dialect.script(request, files)).toBe('#!/bin/bash\nexport JOBNAME=b\ndate\nexec /bin/pool\n');
  expect(dialect.submit(request, files).slice(1)).toEqual([
    '/q',
    'submit',
    '/s/b.sh',
    '/s/b.out',
    '/s/b.err',
  ]);
  expect(dialect.readJobId('job 12\n')).toBe('12');
  expect(dialect.readJobId('the disk is full\n')).toBeUndefined();
});

test('reads states', () => {
  const question = dialect.status(['1', '2']);
  expect(question.argv.slice(1)).toEqual(['/q', 'status', '1', '2']);
  const answer = question.read(said('1 waiting\n2 running\n3 ended 0\n4 ended 7\n5 cancelled\n6 lost\n'));
  expect([...answer.jobs].map(([id, { state, exitCode }]) => [id, state, exitCode])).toEqual([
    ['1', 'pending', undefined],
    ['2', 'running', undefined],
    ['3', 'completed', 0],
    ['4', 'failed', 7],
    ['5', 'cancelled', undefined],
    ['6', 'failed', undefined],
  ]);
});

test('an answer that is none is no answer', () => {
  expect(() => dialect.status(['1']).read(said('', 1))).toThrow('fifo failed');
  expect(() => dialect.status(['1']).read(said('1 dreaming\n'))).toThrow('dreaming');
});

test('reads what became of cancelled jobs', () => {
  const { jobs } = dialect.cancel(['1', '2']).read(said('1 cancelled\n2 over\n'));
  expect([...jobs]).toEqual([
    ['1', 'cancelled'],
    ['2', 'gone'],
  ]);
});
