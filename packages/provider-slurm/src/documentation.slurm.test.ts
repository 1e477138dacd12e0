import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SlurmBed } from '@parsl-ts-internal/slurm-bed';
import { shellCommand } from '@parsl-ts/provider';
import { beforeEach, describe, expect, test } from 'vitest';
import { CHECKOUT, NodeSoftware } from './testing/cluster-run.js';
import { useSlurmBed } from './testing/use-slurm-bed.js';

const page = readFileSync(join(CHECKOUT, 'docs/slurm.md'), 'utf8');

/** A project as the page has its readers make it, with one of its scripts. */
class Project implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'project-'));

  constructor(script: string) {
    const marked = `<!-- runs on a real Slurm in the tests: ${script} -->\n\n\`\`\`ts\n`;
    const code = page.split(marked)[1]?.split('\n```\n')[0];
    if (code === undefined) throw new Error(`docs/slurm.md has no script that is marked '${script}'`);
    const packages = join(this.directory, 'node_modules/@parsl-ts');
    mkdirSync(packages, { recursive: true });
    for (const name of ['core', 'htex', 'provider', 'provider-local', 'provider-slurm']) {
      symlinkSync(join(CHECKOUT, 'packages', name), join(packages, name));
    }
    writeFileSync(join(this.directory, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(this.directory, 'script.ts'), code);
  }

  /** Runs the script. @returns what it printed */
  async run(env: NodeJS.ProcessEnv = {}): Promise<string> {
    const argv = ['--import', import.meta.resolve('tsx'), 'script.ts'];
    const options = { cwd: this.directory, env: { ...process.env, ...env } };
    return (await promisify(execFile)(process.execPath, argv, options)).stdout;
  }

  /** Runs the script in a job of two nodes, on the first of them. @returns what it printed */
  async runInJob(): Promise<string> {
    const job = join(this.directory, 'job.sh');
    const node = shellCommand([process.execPath, '--import', import.meta.resolve('tsx'), 'script.ts']);
    // When the job ends, Slurm may kill its pools before they have removed their directories for temporary files.
    const temporary = shellCommand(['export', `TMPDIR=${this.directory}`]);
    const lines = ['#!/bin/bash', '#SBATCH --nodes=2 --exclusive --output=job.out', temporary, node];
    writeFileSync(job, `${lines.join('\n')}\n`);
    await promisify(execFile)('sbatch', ['--wait', job], { cwd: this.directory });
    return readFileSync(join(this.directory, 'job.out'), 'utf8');
  }

  /** Removes it, and what its jobs wrote to the nodes' directory for temporary files, which is this machine's here. */
  [Symbol.dispose](): void {
    const scripts = join(this.directory, 'runinfo/000/submit_scripts');
    const names = existsSync(scripts) ? readdirSync(scripts).filter((name) => name.endsWith('.sh')) : [];
    for (const name of names) {
      const [, job] = /^#SBATCH --job-name=(.+)$/m.exec(readFileSync(join(scripts, name), 'utf8')) ?? [];
      if (job !== undefined) ['out', 'err'].forEach((end) => rmSync(`/tmp/${job}.${end}`, { force: true }));
    }
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

describe('the scripts of docs/slurm.md work as they stand', () => {
  const bed = useSlurmBed();
  beforeEach((context) => context.skip(bed.missing !== undefined, bed.missing));

  test('on nodes that share the file system, with nothing installed', async () => {
    using project = new Project('shared');
    expect(await project.run()).toMatch(/^node[1-4]\n$/);
  });

  test('with a device for each worker', async () => {
    using project = new Project('gpus');
    expect(await project.run()).toMatch(/^[01]\n$/);
  });

  test('in a job, on all of its nodes', async () => {
    using project = new Project('in a job');
    expect(await project.runInJob()).toMatch(/^Set\(2\) \{ 'node[1-4]', 'node[1-4]' \}\n$/);
  });

  test('on nodes that see nothing of the project, with the worker pool in their PATH', async () => {
    using project = new Project('not shared');
    using software = new NodeSoftware();
    // As `npm install --global` makes it.
    const bin = join(software.directory, 'bin');
    mkdirSync(bin);
    symlinkSync(software.pool, join(bin, 'parsl-worker-pool'));
    await using other = await SlurmBed.start({ hide: [CHECKOUT, project.directory] });
    const env = { ...other.environment, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    expect(await project.run(env)).toMatch(/^node[1-4]\n$/);
  });
});
