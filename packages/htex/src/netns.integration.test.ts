import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HandStartedPool, namespacesMissing, TwoHosts } from '@parsl-ts-internal/other-hosts';
import { expect, test } from 'vitest';

import { useRunDirectory } from './testing/run-directory.js';

const SCRIPT = fileURLToPath(new URL('testing/fixtures/waits-for-pools.mjs', import.meta.url));
const run = useRunDirectory();
const missing = namespacesMissing();

interface Report {
  readonly results: { readonly n: number; readonly addresses: string[] }[];
  readonly managers: { readonly blockId: string }[];
}

/** Runs the script on the first host and gives its pool line to `startPool`. */
async function runAcross(hosts: TwoHosts, startPool: (line: string) => void): Promise<Report> {
  const [program = '', ...words] = `${hosts.onFirst} ${process.execPath} ${SCRIPT} ${run.path}`.split(' ');
  const script = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  script.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(script, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface(script.stdout)) {
    if (lines.push(line) === 1) startPool(line);
  }
  await exited;
  expect(script.exitCode, stderr).toBe(0);
  return JSON.parse(lines[1] ?? '') as Report;
}

const title = 'a pool started by hand on another host, encrypted, in a directory without the project';
test.skipIf(missing !== undefined)(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  async () => {
    using hosts = new TwoHosts();
    const pools: HandStartedPool[] = [];
    try {
      const report = await runAcross(hosts, (line) => {
        expect(line).toContain(`--connect tcp://${hosts.firstAddress}:`);
        expect(line).toContain('--key-file');
        pools.push(new HandStartedPool(line, hosts.onSecond));
      });
      expect(report.results.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
      for (const { addresses } of report.results) expect(addresses).toEqual([hosts.secondAddress]);
      expect(report.managers).toMatchObject([{ blockId: 'far' }]);
      await expect(pools[0]?.exited).resolves.toMatchObject({ code: 0 });
    } finally {
      for (const pool of pools) await pool[Symbol.asyncDispose]();
    }
  },
);
