import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { DataFlowKernel } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { poolsWhere } from './testing/started-executor.js';

/** Run anywhere, it would make the file `harmed`. */
const HARM = 'cd "$MARKS";touch harmed';
/** What a shell would take for more than a word. */
const WORDS = [
  'two words',
  "it's",
  '"quoted"',
  'new\nline',
  `$(${HARM})`,
  `\`${HARM}\``,
  `;${HARM};`,
  `'; ${HARM}; '`,
  `"; ${HARM}; "`,
  `& ${HARM} &`,
  `\n${HARM}\n`,
  '-rf',
  '--help',
  '*',
  '~',
  '#',
  'back\\slash',
  'ünï ☃',
];
const EVERYTHING = WORDS.join(' ');

let root: string;
let marks: string;
const names = ['MARKS', 'EVIL'] as const;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parsl-quoting-'));
  marks = join(root, 'marks');
  mkdirSync(marks);
  process.env['MARKS'] = marks;
  process.env['EVIL'] = EVERYTHING;
});

afterEach(() => {
  for (const name of names) Reflect.deleteProperty(process.env, name);
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** A directory whose path goes through all the words. */
function oddDirectory(name: string): string {
  const directory = join(root, name, ...WORDS);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** The program that starts pools, under a path that nobody would choose. */
function oddProgram(): string {
  const manifest = createRequire(import.meta.url).resolve('@parsl-ts/worker-pool/package.json');
  const link = join(oddDirectory('bin'), 'pool');
  symlinkSync(join(dirname(manifest), 'bin', 'parsl-worker-pool.js'), link);
  return link;
}

const isHarmed = () => existsSync(join(marks, 'harmed'));

test('paths, options, devices and environment of a block on this host reach its tasks as they are', async () => {
  const runDir = oddDirectory('run');
  const logs = oddDirectory('logs');
  const executor = new HighThroughputExecutor({
    provider: new LocalProvider({ initBlocks: 1, maxBlocks: 1, workerInit: 'export FROM_INIT="$EVIL"' }),
    launchCommand: [process.execPath, '--no-warnings', oddProgram()],
    workerLogDir: logs,
    availableAccelerators: [EVERYTHING.replaceAll(',', '')],
    maxWorkersPerNode: 1,
    coresPerWorker: 0.1,
  });
  const kernel = await DataFlowKernel.start({ runDir, executors: [executor] });
  try {
    const look = kernel.app((argument: string) => {
      const { EVIL, FROM_INIT, CUDA_VISIBLE_DEVICES } = process.env;
      return { argument, EVIL, FROM_INIT, CUDA_VISIBLE_DEVICES };
    });
    await expect(look(EVERYTHING)).resolves.toEqual({
      argument: EVERYTHING,
      EVIL: EVERYTHING,
      FROM_INIT: EVERYTHING,
      CUDA_VISIBLE_DEVICES: EVERYTHING,
    });
    const output = join(oddDirectory('output'), 'captured');
    const print = kernel.app((text: string) => console.log(text), { stdout: output });
    await print(EVERYTHING);
    expect(existsSync(output)).toBe(true);
  } finally {
    await kernel.close();
  }
  expect(readdirSync(logs).length).toBeGreaterThan(0);
  expect(isHarmed()).toBe(false);
});

test('so do those of a pool that a person starts by the line that is given', async () => {
  const executor = new HighThroughputExecutor({
    address: '127.0.0.1',
    launchCommand: [process.execPath, oddProgram()],
    workerLogDir: oddDirectory('logs'),
    maxWorkersPerNode: 1,
    coresPerWorker: 0.1,
  });
  const kernel = await DataFlowKernel.start({ runDir: oddDirectory('run'), executors: [executor] });
  const blockId = 'it\'s $(cd $MARKS;touch harmed) `x` "q" ☃';
  const pool = new HandStartedPool(executor.workerPoolCommand({ blockId }), `env MARKS='${marks}'`);
  try {
    await Promise.race([poolsWhere(() => executor.connectedBlocks().length === 1), pool.exited]);
    expect(pool.output).not.toMatch(/error/i);
    expect(executor.connectedBlocks()).toEqual([blockId]);
  } finally {
    await kernel.close();
    await pool[Symbol.asyncDispose]();
  }
  expect(isHarmed()).toBe(false);
});

test.each(WORDS)('no label is %j: it stands in names of jobs and directories', (label) => {
  expect(() => new HighThroughputExecutor({ label })).toThrow(/'label' .* must be a name/);
});
