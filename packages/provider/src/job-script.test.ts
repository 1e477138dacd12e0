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

test('a secret that would need quotes is refused, and not repeated', () => {
  const secret = "a'$(b)";
  const make = () =>
    jobScript({ request: { ...request, secret }, nodesPerBlock: 1, launcher: new SimpleLauncher() });
  expect(make).toThrow('letters, digits');
  expect(make).not.toThrow(secret);
});
