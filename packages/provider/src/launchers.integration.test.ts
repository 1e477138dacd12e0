import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from './configuration-error.js';
import { jobScript } from './job-script.js';
import type { Launcher } from './launcher.js';
import { shellCommand, shellQuote } from './shell-quote.js';
import { SimpleLauncher } from './simple-launcher.js';
import { SingleNodeLauncher } from './single-node-launcher.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'launchers-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function script(launcher: Launcher, command: string, tasksPerNode = 1, nodesPerBlock = 1): string {
  const request = { name: 'block-0', command, tasksPerNode, scriptDir: directory };
  return jobScript({ request, nodesPerBlock, launcher });
}

function run(text: string) {
  const { status, signal, stdout, stderr } = spawnSync('bash', ['-c', text], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { status, signal, stdout, stderr };
}

const NASTY = [
  'true',
  '/bin/true',
  'echo a b   c',
  `echo 'it'\\''s' "q\\"q" $(echo sub) \`echo back\` $HOME`,
  'echo one\necho two',
  'echo "',
  "echo '",
  'fi',
  '}',
  'done; esac',
  'cat <<EOF\nEOF',
  'echo ünïcödé ☃ 🚀',
  '# nothing',
  '(exit 3) && echo no || exit 4',
  shellCommand(['/bin/echo', 'a b', "it's", '$(false)', '`x`', '!!', '*', '', 'new\nline']),
];

const LAUNCHERS: readonly Launcher[] = [
  new SimpleLauncher(),
  new SingleNodeLauncher(),
  new SingleNodeLauncher({ failOnAny: true }),
];

describe.each(LAUNCHERS)('$label', (launcher) => {
  test.each(NASTY)('the script for %j passes bash -n', (command) => {
    for (const copies of [1, 3]) {
      const checked = spawnSync('bash', ['-n'], {
        input: script(launcher, command, copies),
        encoding: 'utf8',
      });
      expect(checked.stderr).toBe('');
      expect(checked.status).toBe(0);
    }
  });

  test('arguments arrive as they were given', () => {
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
    const { stdout } = run(
      script(
        launcher,
        shellCommand([process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...words]),
      ),
    );
    expect(JSON.parse(stdout)).toEqual(words);
  });

  test('the exit code of one copy is the exit code of the job', () => {
    expect(run(script(launcher, '/bin/sh -c "exit 7"')).status).toBe(7);
    expect(run(script(launcher, 'true; exit 7')).status).toBe(7);
    expect(run(script(launcher, '/bin/true')).status).toBe(0);
  });

  test('a line that is no command fails without a trace of it in the rest of the script', () => {
    expect(run(script(launcher, 'echo "')).status).not.toBe(0);
    expect(run(script(launcher, '/no/such/program')).status).toBe(127);
  });

  test('nothing is written to any directory', () => {
    run(script(launcher, '/bin/true', 2));
    expect(readdirSync(directory)).toEqual([]);
  });
});

test('a plain command takes the place of the shell', () => {
  const { stdout } = run(`echo $$\n${script(new SingleNodeLauncher(), "/bin/sh -c 'echo $$'")}`);
  const [shell, command] = stdout.trim().split('\n');
  expect(command).toBe(shell);
});

test('SimpleLauncher runs one copy, however many nodes the block has', () => {
  expect(run(script(new SimpleLauncher(), 'echo x', 1, 4)).stdout).toBe('x\n');
});

describe('SingleNodeLauncher with several copies', () => {
  // Copy n ends with the n-th exit code, in the order in which they took their numbers.
  function copiesEndingWith(codes: readonly number[], failOnAny: boolean) {
    const command = `for n in ${codes.map((_, n) => n).join(' ')}; do mkdir "$JOBNAME.$n" 2>/dev/null && break; done; codes=(${codes.join(' ')}); exit "\${codes[n]}"`;
    return run(script(new SingleNodeLauncher({ failOnAny }), command, codes.length)).status;
  }

  test('runs tasksPerNode times nodesPerBlock copies', () => {
    expect(run(script(new SingleNodeLauncher(), 'echo x', 2, 3)).stdout).toBe('x\n'.repeat(6));
  });

  test.each([
    [[0, 0, 0], 0, 0],
    [[0, 5, 0], 0, 5],
    [[5, 5, 0], 0, 5],
    [[5, 5, 5], 5, 5],
  ])('exit codes %j: %i if all must fail, %i if any may not', (codes, all, any) => {
    expect(copiesEndingWith(codes, false)).toBe(all);
    rmSync(directory, { recursive: true });
    directory = mkdtempSync(join(tmpdir(), 'launchers-'));
    expect(copiesEndingWith(codes, true)).toBe(any);
  });

  test('a copy that fails at once does not cut the others short', () => {
    const command =
      'mkdir first 2>/dev/null && exit 9; while [ ! -e go ]; do sleep 0.01; done; echo finished';
    const text = script(new SingleNodeLauncher(), command, 3);
    const { stdout, status } = run(`(sleep 0.2; touch go) &\n${text}`);
    expect(stdout).toBe('finished\nfinished\n');
    expect(status).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGUSR1'] as const)('%s reaches what the copies run', async (signal) => {
    const trap = signal === 'SIGUSR1' ? 'USR1' : 'TERM';
    const command = `bash -c ${shellQuote(`trap 'echo got; exit 3' ${trap}; echo up; while :; do sleep 0.01; done`)}; exit $?`;
    const child = spawn('bash', ['-c', script(new SingleNodeLauncher(), command, 2)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (chunk.includes('up') && output.match(/up/g)?.length === 2) {
        child.kill(signal);
      }
    });
    await once(child, 'close');
    expect(output.match(/got/g)).toHaveLength(2);
  });

  test('options are checked', () => {
    // @ts-expect-error -- there is no such option
    expect(() => new SingleNodeLauncher({ fail_on_any: true })).toThrow(ConfigurationError);
  });
});
