import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { jobScript, type JobScript } from './job-script.js';
import { SimpleLauncher } from './launchers/simple-launcher.js';

const request = { name: 'b', command: 'echo "<$PARSL_SECRET>"', tasksPerNode: 1, scriptDir: '/s' };

const run = (parts: Partial<JobScript>) =>
  spawnSync(
    'bash',
    ['-c', jobScript({ request, nodesPerBlock: 1, launcher: new SimpleLauncher(), ...parts })],
    {
      encoding: 'utf8',
    },
  );

test('the command finds the secret of its request in its environment', () => {
  expect(run({ request: { ...request, secret: 'a_B-9' } }).stdout).toBe('<a_B-9>\n');
  expect(run({}).stdout).toBe('<>\n');
});

test('lines of the user see no secret, and cannot make the shell tell it', () => {
  const { stdout, stderr } = run({
    request: { ...request, command: '/bin/true', secret: 'a_B-9' },
    workerInit: 'env\nset -vx\necho ready',
  });
  expect(stdout).toMatch(/^ready$/m);
  expect(stderr).toContain('echo ready');
  expect(stdout + stderr).not.toContain('a_B-9');
});

test('launchers are told that there is a secret, and not which', () => {
  const requests: unknown[] = [];
  const launcher = { label: 'asking', fragment: (each: unknown) => `true ${String(requests.push(each))}\n` };
  jobScript({ request: { ...request, secret: 'a_B-9' }, nodesPerBlock: 2, launcher });
  jobScript({ request, nodesPerBlock: 2, launcher });
  expect(requests).toEqual([
    { ...request, nodesPerBlock: 2, hasSecret: true },
    { ...request, nodesPerBlock: 2, hasSecret: false },
  ]);
});

test('the command finds when the job ends, counted from the start of the script', () => {
  const command = 'echo "$PARSL_BLOCK_END $(date +%s)"';
  const { stdout } = run({ request: { ...request, command }, walltime: '00:01:40', workerInit: 'sleep 1' });
  const [end = 0, now = 0] = stdout.split(' ').map(Number);
  expect(end - now).toBeGreaterThanOrEqual(95);
  expect(end - now).toBeLessThanOrEqual(99);
  expect(run({ request: { ...request, command } }).stdout).toMatch(/^ \d+\n$/);
});

test('what the scheduler says of the end comes first', () => {
  const command = 'echo "$PARSL_BLOCK_END"';
  const parts = { request: { ...request, command }, walltime: '00:01:40' };
  expect(run({ ...parts, endVariable: 'UID' }).stdout).toBe(`${process.getuid?.()}\n`);
  const counted = Number(run({ ...parts, endVariable: 'NOBODY_SAYS' }).stdout);
  expect(counted).toBeGreaterThan(Date.now() / 1000 + 90);
});

test('a secret that would need quotes is refused, and not repeated', () => {
  const secret = "a'$(b)";
  const make = () =>
    jobScript({ request: { ...request, secret }, nodesPerBlock: 1, launcher: new SimpleLauncher() });
  expect(make).toThrow('letters, digits');
  expect(make).not.toThrow(secret);
});
