import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { DataFlowKernel } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { checkHtexOptions } from './htex-options.js';
import { blockCommand } from './pool-command.js';
import { useRunDirectory } from './testing/run-directory.js';
import type { WorkerPoolLocation } from './worker-pool-location.js';

const run = useRunDirectory();
afterEach(() => {
  vi.unstubAllEnvs();
});

/** An executable file, with directories. */
function program(path: string, text: string): string {
  const file = join(run.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

/** What a node with this environment and nothing else does. */
function onNode(workerPool: WorkerPoolLocation, env: NodeJS.ProcessEnv) {
  const options = checkHtexOptions({ workerPool });
  const target = { addresses: ['h'], port: 1, keys: undefined, blockId: '0', logDir: undefined };
  const node = spawnSync('/bin/bash', ['--norc', '-c', `exec ${blockCommand(options, target)}`], {
    ...{ cwd: run.path, env, encoding: 'utf8' },
  });
  return { pid: node.pid, status: node.status, stdout: node.stdout, stderr: node.stderr };
}

const SAYS_ITS_ARGUMENTS = '#!/bin/sh\necho "$$ $0" "$@"\n';
const ARGUMENTS = '--connect tcp://h:1 --unencrypted --block-id 0\n';

/** As `pool` would say it that has taken the place of the shell. */
function saidBy(pool: string, { pid }: { readonly pid: number }): object {
  return { pid, status: 0, stdout: `${String(pid)} ${pool} ${ARGUMENTS}`, stderr: '' };
}

describe('a program', () => {
  test('is run by its path and becomes the process', () => {
    const pool = program("it's my/pool", SAYS_ITS_ARGUMENTS);
    const node = onNode({ path: pool }, {});
    expect(node).toEqual(saidBy(pool, node));
  });

  test('is looked for in PATH by its name', () => {
    const pool = program('bin/my-pool', SAYS_ITS_ARGUMENTS);
    const node = onNode({ path: 'my-pool' }, { PATH: join(run.path, 'bin') });
    expect(node).toEqual(saidBy(pool, node));
  });

  test.each([{ PATH: '' }, { PATH: '/nowhere' }])('finds the Node.js beside it, with %j', (env) => {
    program('node20/bin/node', SAYS_ITS_ARGUMENTS.replace(' $0', ''));
    const pool = program('node20/bin/parsl-worker-pool', '#!/usr/bin/env node\n');
    const node = onNode({ path: pool }, env);
    expect(node).toEqual(saidBy(pool, node));
  });
});

describe('modules', () => {
  /** As modules come into a job: a function that bash takes from the environment. */
  const withModules = (env: NodeJS.ProcessEnv) => ({
    ...env,
    'BASH_FUNC_module%%': `() { [ "$1 $2 $3" = "load gcc/12 nodejs/20" ] || return; PATH=${run.path}/bin; }`,
  });

  test('are loaded first', () => {
    const pool = program('bin/parsl-worker-pool', SAYS_ITS_ARGUMENTS);
    const node = onNode({ module: ['gcc/12', 'nodejs/20'] }, withModules({ PATH: '/nowhere' }));
    expect(node).toEqual(saidBy(pool, node));
  });

  test('come from the init file of the module system otherwise', () => {
    const pool = program('bin/parsl-worker-pool', SAYS_ITS_ARGUMENTS);
    program('modules/init/bash', `set -- changed\nmodule() { PATH=${run.path}/bin; }\n`);
    const node = onNode({ module: 'nodejs' }, { MODULESHOME: join(run.path, 'modules') });
    expect(node).toEqual(saidBy(pool, node));
  });

  test('that cannot be loaded are named', () => {
    const { status, stderr } = onNode({ module: 'nodejs/21' }, withModules({}));
    expect({ status, stderr }).toEqual({
      status: 7,
      stderr: expect.stringMatching(/this failed, see above: module load nodejs\/21\n/) as string,
    });
  });
});

describe('npx', () => {
  const npm = {
    PATH: process.env['PATH'],
    npm_config_registry: 'http://127.0.0.1:9',
    npm_config_fetch_retries: '0',
    npm_config_update_notifier: 'false',
  };

  test('fetches it, without the secret, and does not stay', () => {
    const directory = dirname(program('package/pool.sh', SAYS_ITS_ARGUMENTS));
    const manifest = {
      name: '@parsl-ts/worker-pool',
      version: '1.2.3',
      bin: { 'parsl-worker-pool': 'pool.sh' },
      scripts: { preinstall: '[ -z "$PARSL_SECRET" ]' },
    };
    writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
    const env = { ...npm, npm_config_cache: join(run.path, 'npm'), PARSL_SECRET: 'abc' };
    const node = onNode({ npx: `file:${directory}` }, env);
    expect(node.stdout).toMatch(/^\d+ \S+\/parsl-worker-pool --connect/);
    expect(node.stdout).toContain(`${String(node.pid)} `);
    expect(node).toMatchObject({ status: 0, stdout: expect.stringContaining(ARGUMENTS) as string });
  });

  test('that cannot get it says why', () => {
    const { status, stderr } = onNode({ npx: '1.2.3' }, { ...npm, npm_config_cache: join(run.path, 'npm') });
    expect(status).toBe(7);
    expect(stderr).toMatch(/ECONNREFUSED[^]*npx did not get @parsl-ts\/worker-pool@1\.2\.3, see above/);
  });
});

describe('a node that does not have it', () => {
  test.each<[string, WorkerPoolLocation, RegExp]>([
    ['a path', { path: '/opt/pool' }, /there is no program \/opt\/pool\n/],
    ['a directory', { path: '/tmp' }, /there is no program \/tmp\n/],
    ['a name', { path: 'pool' }, /pool is not in PATH\n/],
    ['npx', { npx: true }, /npx, which comes with Node\.js, is not in PATH\n/],
  ])('says so and ends with 7: %s', (_, workerPool, why) => {
    const { status, stdout, stderr } = onNode(workerPool, { PATH: '/no/where' });
    expect({ status, stdout }).toEqual({ status: 7, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/^parsl-worker-pool cannot start on \S+: /);
    expect(stderr).toContain('PATH there is /no/where');
    expect(stderr).toContain('workerPool: { path: ... }');
  });

  test('says that it has no modules', () => {
    const { status, stderr } = onNode({ module: 'a/b' }, { PATH: '/usr/bin:/bin' });
    const why = 'there is no command module for: module load a/b\n';
    expect({ status, stderr }).toEqual({ status: 7, stderr: expect.stringContaining(why) as string });
  });

  test('that has the program but no Node.js says so', () => {
    const pool = program('parsl-worker-pool', '#!/usr/bin/env node\n');
    expect(onNode({ path: pool }, { PATH: '/no/where' })).toMatchObject({
      status: 7,
      stderr: expect.stringContaining(`${pool} needs node, which is neither in PATH nor beside it`) as string,
    });
  });

  test('fails its block, whose error shows all of it', async () => {
    vi.stubEnv('PATH', '/no/where:/usr/bin:/bin');
    const provider = new LocalProvider({ pollIntervalMs: 20 });
    const htex = new HighThroughputExecutor({ provider, workerPool: { path: 'the-pool' } });
    const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex] });
    try {
      await expect(kernel.app(() => 1)()).rejects.toThrow('the executor');
      const [block] = kernel.blocks('htex');
      expect(block).toMatchObject({
        outcome: 'missing',
        status: { state: 'failed', exitCode: 7 },
        error: { name: 'BlockFailedError', code: 'PARSL_BLOCK_FAILED' },
      });
      expect(block?.error?.message).toMatch(
        /exit code 7[^]*the-pool is not in PATH[^]*PATH there is \/no\/where:\/usr\/bin:\/bin[^]*workerPool/,
      );
    } finally {
      await kernel.close();
    }
  });
});

test('a worker pool found by its name does its work', async () => {
  const bin = join(dirname(process.execPath));
  const pool = new URL('../node_modules/.bin', import.meta.url).pathname;
  vi.stubEnv('PATH', `${pool}:${bin}:/usr/bin:/bin`);
  const provider = new LocalProvider();
  const workerPool = { path: 'parsl-worker-pool' };
  const htex = new HighThroughputExecutor({
    provider,
    workerPool,
    maxWorkersPerNode: 1,
    coresPerWorker: 0.1,
  });
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex] });
  try {
    await expect(kernel.app((x: number) => x + 1)(1)).resolves.toBe(2);
  } finally {
    await kernel.close();
  }
});
