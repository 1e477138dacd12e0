import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { Figures } from './figures.js';
import { table } from './table.js';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string', default: '' },
  },
});

const root = fileURLToPath(new URL('../../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
const report = join(directory, 'figures');
const args = ['node_modules/vitest/vitest.mjs', 'run', '--maxWorkers=1', 'fuzz.test'];
if (values.only !== '') args.push('-t', values.only);
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PARSL_FUZZ_FRAMES: values.frames,
    PARSL_FUZZ_SEED: values.seed,
    PARSL_FUZZ_REPORT: report,
  },
});
const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
rmSync(directory, { recursive: true });
console.log(table(lines.map((line) => JSON.parse(line) as Figures)));
console.log(`seed ${values.seed}`);
process.exitCode = status ?? 1;
