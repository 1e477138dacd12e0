import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../configuration-error.js';
import { shellCommand, shellQuote } from '../shell-quote.js';
import { SimpleLauncher } from './simple-launcher.js';
import { SingleNodeLauncher } from './single-node-launcher.js';
import { times, TrialScripts } from './testing/trial-script.js';

const trial = new TrialScripts();

test.each([new SimpleLauncher(), new SingleNodeLauncher()])(
  'arguments arrive as they were given: $label',
  (launcher) => {
    const words = [
      'a b',
      "it's",
      '"q"',
      '$(echo x)',
      '`echo x`',
      '$HOME',
      '\\',
      '*',
      '',
      'new\nline',
      'ü☃🚀',
      '!!',
      '-n',
      'a=b',
    ];
    const print = [process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...words];
    const { stdout } = trial.run(trial.script(launcher, shellCommand(print)));
    expect(JSON.parse(stdout)).toEqual(words);
  },
);

test('a plain command takes the place of the shell', () => {
  const { stdout } = trial.run(`echo $$\n${trial.script(new SingleNodeLauncher(), "/bin/sh -c 'echo $$'")}`);
  const [shell, command] = stdout.trim().split('\n');
  expect(command).toBe(shell);
});

test('SimpleLauncher runs one copy, however many nodes the block has', () => {
  const script = trial.script(new SimpleLauncher(), 'echo x', { nodesPerBlock: 4 });
  expect(trial.run(script).stdout).toBe('x\n');
});

describe('SingleNodeLauncher with several copies', () => {
  // Copy n ends with the n-th exit code, in the order in which they took their numbers.
  function copiesEndingWith(codes: readonly number[], failOnAny: boolean) {
    const numbers = codes.map((_, n) => n).join(' ');
    const command = `for n in ${numbers}; do mkdir "$JOBNAME.$n" 2>/dev/null && break; done; codes=(${codes.join(' ')}); exit "\${codes[n]}"`;
    const launcher = new SingleNodeLauncher({ failOnAny });
    const { status } = trial.run(trial.script(launcher, command, { tasksPerNode: codes.length }));
    codes.forEach((_, n) => {
      rmSync(trial.path(`block-0.${String(n)}`), { recursive: true });
    });
    return status;
  }

  test('runs tasksPerNode times nodesPerBlock copies', () => {
    const script = trial.script(new SingleNodeLauncher(), 'echo x', { tasksPerNode: 2, nodesPerBlock: 3 });
    expect(trial.run(script).stdout).toBe('x\n'.repeat(6));
  });

  test.each([
    [[0, 0, 0], 0, 0],
    [[0, 5, 0], 0, 5],
    [[5, 5, 0], 0, 5],
    [[5, 5, 5], 5, 5],
  ])('exit codes %j: %i if all must fail, %i if any may not', (codes, all, any) => {
    expect(copiesEndingWith(codes, false)).toBe(all);
    expect(copiesEndingWith(codes, true)).toBe(any);
  });

  test('a copy that fails at once does not cut the others short', () => {
    const command =
      'mkdir first 2>/dev/null && exit 9; while [ ! -e go ]; do sleep 0.01; done; echo finished';
    const script = trial.script(new SingleNodeLauncher(), command, { tasksPerNode: 3 });
    const { stdout, status } = trial.run(`(sleep 0.2; touch go) &\n${script}`);
    expect(stdout).toBe('finished\nfinished\n');
    expect(status).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)(
    '%s reaches what the copies run',
    async (signal) => {
      const trap = signal === 'SIGINT' ? 'TERM' : signal.slice(3);
      const program = `trap 'echo got; exit 3' ${trap}; echo up; while :; do sleep 0.01; done`;
      const script = trial.script(new SingleNodeLauncher(), `bash -c ${shellQuote(program)}; exit $?`, {
        tasksPerNode: 2,
      });
      expect(times((await trial.signalled(script, 2, signal)).stdout, 'got')).toBe(2);
    },
  );

  test('options are checked', () => {
    // @ts-expect-error -- there is no such option
    expect(() => new SingleNodeLauncher({ fail_on_any: true })).toThrow(ConfigurationError);
  });
});
