import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, type TestContext } from 'vitest';
import { jobScript } from '../../job-script.js';
import type { Launcher } from '../../launcher.js';
import { shellCommand } from '../../shell-quote.js';

/** What a script is to run, beyond its command. */
export interface TrialOptions {
  readonly tasksPerNode?: number;
  readonly nodesPerBlock?: number;
  readonly workerInit?: string;
  readonly secret?: string;
}

/** How a script ended. */
export interface TrialEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Commands that a careless script would trip over. */
export const AWKWARD_COMMANDS = [
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
  shellCommand(['/bin/echo', 'a b', "it's", '$(false)', '`x`', '!!', '*', '', 'new\nline', '{} {#} {=1=}']),
];

/** What a script may take, in ms, so that a test that hangs says which. */
const RUN_LIMIT_MS = 30_000;

/** Directories and scripts of one test; what it starts ends with it. */
export class TrialScripts {
  directory = '';

  constructor() {
    beforeEach(() => {
      this.directory = mkdtempSync(join(tmpdir(), 'launchers-'));
      mkdirSync(this.path('scripts'));
      mkdirSync(this.path('bin'));
      mkdirSync(this.path('home'));
    });
    afterEach(() => {
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  files(name = '.'): readonly string[] {
    return readdirSync(this.path(name));
  }

  file(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true });
  }

  /** Puts a program on the path of the scripts. */
  program(name: string, text: string): void {
    this.file(`bin/${name}`, text);
    chmodSync(this.path(`bin/${name}`), 0o755);
  }

  /** The script of a job. */
  script(launcher: Launcher, command: string, options: TrialOptions = {}): string {
    const { tasksPerNode = 1, nodesPerBlock = 1, workerInit = '', secret } = options;
    const request = { name: 'block-0', command, tasksPerNode, scriptDir: this.path('scripts') };
    return jobScript({
      request: secret === undefined ? request : { ...request, secret },
      nodesPerBlock,
      launcher,
      workerInit,
    });
  }

  /** Runs a script to its end, with nothing but `env` and the basics in its environment. */
  run(script: string, env: Readonly<Record<string, string>> = {}): TrialEnd {
    const { status, signal, stdout, stderr } = spawnSync('bash', ['-s'], {
      ...this.#surroundings(env),
      input: script,
      encoding: 'utf8',
      timeout: RUN_LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    return { status, signal, stdout, stderr };
  }

  /** Starts a script in a process group of its own, and does something once, when its output is as `when` says. */
  async watched(
    script: string,
    env: Readonly<Record<string, string>>,
    when: (stdout: string, stderr: string) => boolean,
    then: (child: ChildProcess) => void,
  ): Promise<TrialEnd> {
    this.file('scripts/watched.sh', script);
    const child = spawn('bash', [this.path('scripts/watched.sh')], {
      ...this.#surroundings(env),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr, done] = ['', '', false];
    const look = (): void => {
      if (!done && when(stdout, stderr)) {
        done = true;
        then(child);
      }
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      look();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      look();
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS);
    await once(child, 'close');
    clearTimeout(limit);
    return { status: child.exitCode, signal: child.signalCode, stdout, stderr };
  }

  /** Starts a script, and sends it a signal when it has written `up` so many times. */
  signalled(
    script: string,
    copies: number,
    signal: NodeJS.Signals,
    env: Readonly<Record<string, string>> = {},
  ): Promise<TrialEnd> {
    return this.watched(
      script,
      env,
      (stdout) => times(stdout, 'up') === copies,
      (child) => child.kill(signal),
    );
  }

  #surroundings(env: Readonly<Record<string, string>>) {
    const PATH = `${this.path('bin')}:${process.env['PATH'] ?? ''}`;
    return { cwd: this.directory, env: { HOME: this.path('home'), TMPDIR: this.directory, ...env, PATH } };
  }
}

/** How often a word is in a text. */
export function times(text: string, word: string): number {
  return text.split(word).length - 1;
}

/** Skips a test that needs a program which is not here; where everything has to run, it fails instead. */
export function needs(context: TestContext, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  context.skip(
    missing.length > 0 && process.env['CI'] === undefined,
    `${missing.join(', ')} is not installed`,
  );
}
