import { describe, expect, test } from 'vitest';

import { useWorkplace } from './testing/workplace.js';

const workplace = useWorkplace();

test('help shows the commands, and the options of each', async () => {
  const general = await workplace.run('--help');
  expect(general).toMatchObject({ exitCode: 0, stderr: '' });
  expect(general.stdout).toContain('perf [options]');
  expect(general.stdout).toContain('Exit codes:');
  const ofPerf = await workplace.run('perf', '--help');
  expect(ofPerf).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ofPerf.stdout).toContain('--arg-size <bytes>');
  expect(ofPerf.stdout).toContain('Examples:');
});

test('version shows the version', async () => {
  expect(await workplace.run('--version')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/),
  });
});

test('no command is answered with those that there are', async () => {
  expect(await workplace.run()).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('perf [options]'),
  });
});

describe('a command line that makes no sense ends it with 2, and says in one line what to do', () => {
  test.each([
    [['prf'], "unknown command 'prf' (Did you mean perf?)"],
    [['perf', '--tme', '3'], "unknown option '--tme' (Did you mean --time?)"],
    [['perf', '--time', '0'], 'number above 0'],
    [['perf', '--arg-size', '1kB'], 'whole number from 0 to 1073740800'],
    [['perf', '--result-size', '2e9'], 'whole number from 0 to 1073740800'],
    [['perf', '--iterate', '10,x'], 'estimate, exponential, or numbers of tasks'],
    [['perf', '--config'], 'argument missing'],
    [['perf', 'more'], 'too many arguments'],
    [['perf', '--config', 'absent.ts'], '--config absent.ts: there is no such file'],
    [['perf', '--executor', 'gpu'], "--executor gpu: the configuration has no such executor; it has 'local'"],
  ])('%j', async (args, message) => {
    const { stderr, ...ended } = await workplace.run(...args);
    expect(ended).toEqual({ exitCode: 2, signal: null, stdout: '' });
    expect(stderr).toMatch(/^parsl-ts: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

test('a reader of the help that leaves early is no error', async () => {
  const command = workplace.start('perf', '--help');
  command.child.stdout?.destroy();
  await expect(command.ended).resolves.toMatchObject({ exitCode: 0, stderr: '' });
});
