import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { DataFlowKernel } from '@parsl-ts/core';
import { SingleNodeLauncher, type BlockRequest, type Launcher } from '@parsl-ts/provider';
import { LocalProvider } from '@parsl-ts/provider-local';
import { formatPoolSecret, parsePoolKeys } from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { useRunDirectory } from './testing/run-directory.js';

const run = useRunDirectory();

/** One that does not say that it hands the environment on. */
const SILENT: Launcher = {
  label: 'silent',
  fragment: (request) => new SingleNodeLauncher().fragment(request),
};

interface Started {
  readonly kernel: DataFlowKernel;
  readonly keyFile: string;
  readonly scripts: string;
  /** What no other user may see. */
  readonly secrets: readonly string[];
}

/** A kernel with an executor that has no block yet. */
async function start(launcher: Launcher = new SingleNodeLauncher()): Promise<Started> {
  const provider = new LocalProvider({ initBlocks: 0, maxBlocks: 1, nodesPerBlock: 2, launcher });
  const htex = new HighThroughputExecutor({ provider, coresPerWorker: 0.1, maxWorkersPerNode: 1 });
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex] });
  const keyFile = join(kernel.runDir, 'htex', 'certificates', 'pool.json');
  const keys = parsePoolKeys(readFileSync(keyFile, 'utf8'));
  const scripts = join(kernel.runDir, 'submit_scripts');
  return { kernel, keyFile, scripts, secrets: [keys.secretKey, formatPoolSecret(keys)] };
}

/** Files of all processes, such as `cmdline`, that hold one of the texts. */
function processesWith(file: string, texts: readonly string[]): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => textOf(`/proc/${name}/${file}`))
    .filter((content) => texts.some((text) => content.includes(text)));
}

/** A process that has ended meanwhile has nothing. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test('blocks need no key file, and nobody else sees the keys', async () => {
  const { kernel, keyFile, scripts, secrets } = await start();
  try {
    // As on a node that does not share the file system.
    renameSync(keyFile, `${keyFile}.elsewhere`);
    const look = kernel.app(async (texts: readonly string[]) => {
      const { execSync } = await import('node:child_process');
      const seen = `${JSON.stringify(process.env)} ${execSync('env').toString()}`;
      return { keys: texts.some((text) => seen.includes(text)), names: seen.includes('PARSL_SECRET') };
    });
    await expect(look(secrets)).resolves.toEqual({ keys: false, names: false });
    expect(processesWith('cmdline', secrets)).toEqual([]);
    expect(JSON.stringify(process.env)).not.toContain(secrets[1]);
    const holding = readdirSync(scripts).filter((name) =>
      secrets.some((text) => readFileSync(join(scripts, name), 'utf8').includes(text)),
    );
    expect(holding).toEqual(['parsl.htex.block-0.sh']);
    expect(statSync(join(scripts, 'parsl.htex.block-0.sh')).mode & 0o777).toBe(0o700);
    expect(statSync(scripts).mode & 0o777).toBe(0o700);
  } finally {
    await kernel.close();
  }
});

test('where the keys cannot go with the job, its command names the key file', async () => {
  const { kernel, keyFile, scripts, secrets } = await start(SILENT);
  try {
    await kernel.app(() => 1)();
    const script = readFileSync(join(scripts, 'parsl.htex.block-0.sh'), 'utf8');
    expect(script).toContain(`--key-file ${keyFile}`);
    expect(secrets.filter((text) => script.includes(text))).toEqual([]);
    expect(processesWith('environ', secrets)).toEqual([]);
  } finally {
    await kernel.close();
  }
});

test('without encryption there is nothing to carry', async () => {
  const requests: BlockRequest[] = [];
  class Watched extends LocalProvider {
    override submit(request: BlockRequest): Promise<string> {
      requests.push(request);
      return super.submit(request);
    }
  }
  const htex = new HighThroughputExecutor({
    ...{ provider: new Watched(), encrypted: false, coresPerWorker: 0.1, maxWorkersPerNode: 1 },
  });
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex] });
  try {
    await kernel.app(() => 1)();
    expect(requests).toMatchObject([{ command: expect.stringContaining(' --unencrypted ') as string }]);
    expect(requests[0]).not.toHaveProperty('secret');
    expect(existsSync(join(kernel.runDir, 'htex', 'certificates'))).toBe(false);
  } finally {
    await kernel.close();
  }
});
