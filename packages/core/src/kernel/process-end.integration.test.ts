import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testKit } from '../testing/test-kit.js';

const { temporaryDirectory } = testKit(onTestFinished);

const home = dirname(createRequire(import.meta.url).resolve('@parsl-ts/core/package.json'));
const core = pathToFileURL(join(home, 'dist', 'index.js')).href;

/** An executor that has a process of its own, as those with workers have. Prints its pid and how it was ended. */
const executor = `
import { spawn } from 'node:child_process';
import { load, app, InlineExecutor, ThreadPoolExecutor } from ${JSON.stringify(core)};
class ProcessExecutor {
  label = 'process'; capacity = 1; outstanding = 0; tasks = [];
  start() {
    this.child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    this.child.unref();
    console.log('pid ' + this.child.pid);
    return Promise.resolve();
  }
  submit(task) { this.outstanding++; this.tasks.push(task); }
  cancel(task, reason) { task.failed(reason); }
  async close() {
    globalThis.closing?.();
    for (const task of this.tasks) task.failed(new Error('executor closed'));
    await new Promise((resolve) => setTimeout(resolve, globalThis.closeTakesMs ?? 5));
    this.child.kill('SIGKILL');
    console.log('closed');
  }
  closeNow() { this.child.kill('SIGKILL'); console.log('closed now'); }
}
`;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lines: readonly string[];
  readonly stderr: string;
  /** Whether the executor's process is still there. */
  readonly orphan: boolean;
}

/** Runs a script, and sends it a signal at each line that says `signal NAME`. */
async function run(script: string): Promise<Ended> {
  const cwd = await temporaryDirectory();
  const child = spawn(process.execPath, ['--input-type=module', '-e', executor + script], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    if (line.startsWith('signal ')) {
      child.kill(line.slice('signal '.length) as NodeJS.Signals);
    }
  });
  await once(child, 'close');
  const pid = Number(lines.find((line) => line.startsWith('pid '))?.slice(4));
  return { code: child.exitCode, signal: child.signalCode, lines, stderr, orphan: await isAlive(pid) };
}

/** Whether a process lives on; one that was just killed has a while to go, on a busy machine. */
async function isAlive(pid: number): Promise<boolean> {
  for (let look = 0; look < 1000; look++) {
    if (!(await isRunning(pid))) {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.kill(pid, 'SIGKILL');
  return true;
}

/** A process that was killed may stay as a zombie, where nobody collects it; that is gone all the same. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
    return !status.includes(') Z ');
  } catch {
    return false;
  }
}

describe('a process', () => {
  it('ends by itself although close() was forgotten', async () => {
    const ended = await run(`
      await load({ executors: [new InlineExecutor(), new ProcessExecutor()] });
      console.log(await app(() => 'result').with({ executors: ['inline'] })());
    `);
    expect(ended).toMatchObject({ code: 0, orphan: false, stderr: '' });
    expect(ended.lines.slice(1)).toEqual(['result', 'closed']);
  });

  it('ends by itself although threads were started', async () => {
    const ended = await run(`
      await load({ executors: [new ProcessExecutor(), new ThreadPoolExecutor()] });
      const one = app(() => 1, { executors: ['threads'] });
      console.log(await one());
    `);
    expect(ended).toMatchObject({ code: 0, orphan: false, stderr: '' });
    expect(ended.lines.slice(1)).toEqual(['1', 'closed']);
  });

  it('does not wait for a task that nothing can end', async () => {
    const ended = await run(`
      await load({ executors: [new ProcessExecutor()] });
      const task = app((x) => x)(new Promise(() => {}));
      task.catch((error) => console.log(error.code));
    `);
    expect(ended).toMatchObject({ code: 0, orphan: false, stderr: '' });
    expect(ended.lines.slice(1)).toEqual(['PARSL_KERNEL_CLOSED', 'closed']);
  });

  it('does not wait for the time limit of a task that has cancelled itself', async () => {
    const ended = await run(`
      await load({ executors: [new InlineExecutor(), new ProcessExecutor()] });
      const controller = new AbortController();
      const cancelItself = app(() => {
        controller.abort();
        return new Promise(() => {});
      }, { executors: ['inline'], timeoutMs: 600_000, signal: controller.signal });
      await cancelItself().catch((error) => console.log(error.code));
    `);
    expect(ended).toMatchObject({ code: 0, orphan: false, stderr: '' });
    expect(ended.lines.slice(1)).toEqual(['PARSL_TASK_CANCELLED', 'closed']);
  });

  it('does not end by a rejection of a function that had run out of time before', async () => {
    const ended = await run(`
      await load({ executors: [new InlineExecutor(), new ProcessExecutor()] });
      const late = app(async () => {
        const end = performance.now() + 20;
        while (performance.now() < end);
        throw new Error('late');
      }, { executors: ['inline'], timeoutMs: 5 });
      await late().catch((error) => console.log(error.code));
    `);
    expect(ended).toMatchObject({ code: 0, orphan: false, stderr: '' });
    expect(ended.lines.slice(1)).toEqual(['PARSL_APP_TIMEOUT', 'closed']);
  });

  it('that exits leaves nothing behind', async () => {
    const ended = await run(`
      await load({ executors: [new ProcessExecutor()] });
      process.exit(5);
    `);
    expect(ended).toMatchObject({ code: 5, orphan: false });
    expect(ended.lines.slice(1)).toEqual(['closed now']);
  });

  it('that an exception ends leaves nothing behind', async () => {
    const ended = await run(`
      await load({ executors: [new ProcessExecutor()] });
      throw new Error('uncaught');
    `);
    expect(ended).toMatchObject({ code: 1, orphan: false });
    expect(ended.stderr).toContain('uncaught');
    expect(ended.lines.slice(1)).toEqual(['closed now']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'that gets %s closes everything, and then ends by it',
    async (signal) => {
      const ended = await run(`
      await load({ executors: [new ProcessExecutor()] });
      setInterval(() => {}, 1000);
      console.log('signal ${signal}');
    `);
      expect(ended).toMatchObject({ code: null, signal, orphan: false });
      expect(ended.lines.slice(2)).toEqual(['closed']);
    },
  );

  it('that has two copies of this package ends by a signal as with one', async () => {
    const ended = await run(`
      const copy = await import(${JSON.stringify(`${core}?copy`)});
      const kernel = await load({ executors: [new InlineExecutor()] });
      const other = await copy.DataFlowKernel.start({ executors: [new ProcessExecutor()] });
      await kernel.close();
      await load({ executors: [new InlineExecutor()] });
      setInterval(() => {}, 1000);
      console.log('signal SIGTERM');
      setTimeout(() => process.exit(1), 20_000);
    `);
    expect(ended).toMatchObject({ code: null, signal: 'SIGTERM', orphan: false, stderr: '' });
    expect(ended.lines.slice(2)).toEqual(['closed']);
  });

  it('that gets a signal while it waits for tasks ends by it, and not by their errors', async () => {
    const ended = await run(`
      const kernel = await load({ executors: [new InlineExecutor(), new ProcessExecutor()], retries: 1 });
      globalThis.closing = () => void app(() => 1)().then(() => console.log('went on'));
      const task = app(() => 1).with({ executors: ['process'] })();
      void kernel.waitForCurrentTasks().then(() => console.log('all done'));
      setInterval(() => {}, 1000);
      console.log('signal SIGINT');
      try {
        await task;
      } finally {
        console.log('went on');
      }
    `);
    expect(ended).toMatchObject({ code: null, signal: 'SIGINT', orphan: false, stderr: '' });
    expect(ended.lines.slice(2)).toEqual(['closed']);
  });

  it('that gets a signal while load() waits ends by it', async () => {
    const ended = await run(`
      const executor = new ProcessExecutor();
      const begin = executor.start;
      executor.start = async function () {
        await begin.call(this);
        const closing = new Promise((resolve) => (globalThis.closing = resolve));
        setInterval(() => {}, 1000);
        console.log('signal SIGTERM');
        await closing;
        throw new Error('closed while it started');
      };
      await load({ executors: [executor] });
    `);
    expect(ended).toMatchObject({ code: null, signal: 'SIGTERM', orphan: false, stderr: '' });
  });

  it('that gets a second signal ends at once', async () => {
    const ended = await run(`
      globalThis.closeTakesMs = 60_000;
      await load({ executors: [new ProcessExecutor()] });
      globalThis.closing = () => console.log('signal SIGINT');
      setInterval(() => {}, 1000);
      console.log('signal SIGINT');
    `);
    expect(ended).toMatchObject({ signal: 'SIGINT', orphan: false });
    expect(ended.lines.slice(2)).toEqual(['signal SIGINT', 'closed now']);
  });

  it('that listens to a signal itself decides what it means', async () => {
    const ended = await run(`
      const kernel = await load({ executors: [new InlineExecutor(), new ProcessExecutor()] });
      const keepAlive = setInterval(() => {}, 1000);
      process.on('SIGINT', async () => {
        console.log(await app(() => 'still works').with({ executors: ['inline'] })());
        await kernel.close();
        clearInterval(keepAlive);
      });
      console.log('signal SIGINT');
    `);
    expect(ended).toMatchObject({ code: 0, orphan: false });
    expect(ended.lines.slice(2)).toEqual(['still works', 'closed']);
  });

  it('does not count the listeners of signal-exit, which decide nothing', async () => {
    const ended = await run(`
      globalThis[Symbol.for('signal-exit emitter')] = { count: 1 };
      await load({ executors: [new ProcessExecutor()] });
      process.on('SIGTERM', function last() {
        if (process.listeners('SIGTERM').length === 1) { process.off('SIGTERM', last); process.kill(process.pid, 'SIGTERM'); }
      });
      setInterval(() => {}, 1000);
      console.log('signal SIGTERM');
    `);
    expect(ended).toMatchObject({ code: null, signal: 'SIGTERM', orphan: false });
  });

  it('has its signals back after close()', async () => {
    const ended = await run(`
      const kernel = await load({ executors: [new ProcessExecutor()] });
      await kernel.close();
      console.log(['SIGINT', 'SIGTERM', 'SIGHUP', 'beforeExit'].map((name) => process.listenerCount(name)).join());
    `);
    expect(ended.lines.slice(1)).toEqual(['closed', '0,0,0,0']);
  });
});
