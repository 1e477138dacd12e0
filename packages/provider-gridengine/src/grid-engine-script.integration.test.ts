import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOptions, SimpleLauncher } from '@parsl-ts/provider';
import { afterAll, describe, expect, test } from 'vitest';
import { GRID_ENGINE_PROVIDER_SCHEMA, type GridEngineProviderOptions } from './grid-engine-options.js';
import { gridEngineScript } from './grid-engine-script.js';

const directory = mkdtempSync(join(tmpdir(), 'grid-engine-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const request = {
  name: 'parsl.cpu.block-0.1f3c9a2e',
  command: '/bin/echo pool',
  tasksPerNode: 1,
  scriptDir: directory,
};
const script = (options: GridEngineProviderOptions = {}): string =>
  gridEngineScript(request, checkOptions('GridEngineProvider', options, GRID_ENGINE_PROVIDER_SCHEMA));

describe('the script', () => {
  test('without options', () => {
    expect(script()).toBe(`#!/bin/bash
#$ -S /bin/bash
#$ -N parsl.cpu.block-0.1f3c9a2e
#$ -w e
#$ -l h_rt=00:10:00
export PARSL_BLOCK_END=$(($(date +%s) + 600))
export JOBNAME=parsl.cpu.block-0.1f3c9a2e
export PARSL_CORES=1
exec /bin/echo pool
`);
  });

  test('with all of them', () => {
    const text = script({
      queue: 'all.q',
      project: 'physics',
      account: 'grant-7',
      walltime: '12:00:00',
      parallelEnvironment: 'mpi',
      slotsPerNode: 8,
      nodesPerBlock: 2,
      memPerNodeGb: 12,
      memoryResource: 'virtual_free',
      resources: ['gpu=1', 'arch=lx-amd64'],
      schedulerOptions: '-m n\n#$ -r y',
      workerInit: 'module load node',
      launcher: new SimpleLauncher(),
    });
    expect(text.split('\n').filter((line) => line.startsWith('#$'))).toEqual([
      '#$ -S /bin/bash',
      '#$ -N parsl.cpu.block-0.1f3c9a2e',
      '#$ -w n',
      '#$ -q all.q',
      '#$ -P physics',
      '#$ -A grant-7',
      '#$ -pe mpi 16',
      '#$ -l h_rt=12:00:00',
      '#$ -l virtual_free=1536M',
      '#$ -l gpu=1',
      '#$ -l arch=lx-amd64',
      '#$ -m n',
      '#$ -r y',
    ]);
    expect(text).toContain(
      'export PARSL_CORES=8\nexport PARSL_MEMORY_GB=12\nmodule load node\nexec /bin/echo pool\n',
    );
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  test.each<[string, GridEngineProviderOptions, string]>([
    ['slots alone', { parallelEnvironment: 'smp', slotsPerNode: 8 }, 'e'],
    ['memory, which hosts may measure', { memPerNodeGb: 1 }, 'n'],
    ['other resources, which they may measure', { resources: ['scratch=1G'] }, 'n'],
  ])('has qsub check what asks for %s, or not', (_, options, check) => {
    expect(script(options)).toContain(`#$ -w ${check}\n`);
  });

  test.each([
    ['two hosts as asked for', 'a 4 all.q@a <NULL>\nb 4 all.q@b <NULL>\n', 0],
    ['a host of two queues', 'a 4 all.q@a <NULL>\nb 1 all.q@b <NULL>\nb 3 long.q@b <NULL>\n', 0],
    ['one host', 'a 8 all.q@a <NULL>\n', 1],
    ['uneven hosts', 'a 5 all.q@a <NULL>\nb 3 all.q@b <NULL>\n', 1],
    ['too many hosts', 'a 4 all.q@a <NULL>\nb 4 all.q@b <NULL>\nc 4 all.q@c <NULL>\n', 1],
  ])('%s', (_, hosts, status) => {
    const text = script({
      parallelEnvironment: 'mpi',
      slotsPerNode: 4,
      nodesPerBlock: 2,
      launcher: new SimpleLauncher(),
    });
    writeFileSync(join(directory, 'hosts'), hosts);
    const ran = spawnSync('bash', {
      input: text,
      encoding: 'utf8',
      env: { ...process.env, PE_HOSTFILE: join(directory, 'hosts') },
    });
    expect(ran.status).toBe(status);
    expect(ran.stdout).toBe(status === 0 ? 'pool\n' : '');
    expect(ran.stderr).toContain(status === 0 ? '' : 'did not give 4 slots on each of 2 hosts, but:\na ');
  });
});
