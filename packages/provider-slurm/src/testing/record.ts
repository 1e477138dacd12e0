// Records what the commands of Slurm say to the questions of the dialect, into the fixtures beside this file:
//   ../../tooling/slurm-bed/node_modules/.bin/tsx src/testing/record.ts
// Starts clusters of its own, as root, and takes two minutes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SlurmBed, type SlurmBedOptions } from '@parsl-ts-internal/slurm-bed';
import { runCommand } from '@parsl-ts/provider';
import { cancelQuestion } from '../cancel-question.js';
import { sacctCommand } from '../read-sacct.js';
import { squeueCommand } from '../read-squeue.js';
import { entryText } from './transcript.js';

const directory = mkdtempSync(join(tmpdir(), 'record-'));
process.chdir(directory);

/** One transcript in the making, and the cluster that it is made on. */
class Recording implements AsyncDisposable {
  readonly bed: SlurmBed;
  readonly #file: URL;
  #text: string;

  private constructor(name: string, bed: SlurmBed, version: string) {
    this.bed = bed;
    this.#file = new URL(`fixtures/${name}.txt`, import.meta.url);
    this.#text = `Recorded with ${version}\n`;
  }

  static async start(name: string, options: SlurmBedOptions): Promise<Recording> {
    const bed = await SlurmBed.start(options);
    Object.assign(process.env, bed.environment);
    return new Recording(name, bed, (await bed.run('sbatch', '--version')).trim());
  }

  /** Runs a command and writes down what it says. */
  async command(title: string, ...argv: readonly string[]): Promise<void> {
    const { exitCode, signal, stdout, stderr } = await runCommand(argv, { timeoutMs: 60_000 });
    const result = { exitCode, signal, stdout: this.#anonymous(stdout), stderr: this.#anonymous(stderr) };
    this.#text += `\n# ${title}\n${entryText({ command: this.#anonymous(argv.join(' ')), result })}`;
  }

  async submit(...argv: readonly string[]): Promise<string> {
    const quiet = ['--output=/dev/null', '--error=/dev/null'];
    return (await this.bed.run('sbatch', '--parsable', ...quiet, ...argv)).trim();
  }

  async until(id: string, state: string): Promise<void> {
    const deadline = Date.now() + 45_000;
    for (;;) {
      const now = (await this.bed.run('squeue', '--states=all', '-h', '-o', '%T', '-j', id)).trim();
      if (now === state) return;
      if (Date.now() > deadline) throw new Error(`job ${id} is ${now}, not ${state}`);
      await delay(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    writeFileSync(this.#file, this.#text);
    await this.bed.stop();
  }

  #anonymous(text: string): string {
    return text
      .replaceAll(this.bed.directory, '/bed')
      .replaceAll(directory, '/run')
      .replaceAll(this.bed.submitAddress.replace(/1$/, ''), '10.0.0.');
  }
}

async function recordSubmissions(): Promise<void> {
  await using recording = await Recording.start('sbatch', {
    accounting: 'enforced',
    settings: { EnforcePartLimits: 'ALL' },
  });
  const sbatch = (title: string, ...argv: readonly string[]) =>
    recording.command(title, 'sbatch', '--parsable', ...argv, 'ok.sh');
  await sbatch('accepted');
  await sbatch('accepted by one of several clusters', '--clusters=bed');
  await sbatch('unknown partition', '--partition=nosuch');
  await sbatch('unknown account', '--account=nosuch');
  await sbatch('too many nodes', '--nodes=99');
  await sbatch('too long', '--time=100:00:00');
  await sbatch('bad walltime', '--time=abc');
  await sbatch('unknown feature', '--constraint=nosuch');
  await sbatch('too much memory', '--mem=1T');
  await sbatch('unknown resource', '--gres=nosuch:1');
  await sbatch('unknown option', '--no-such-option');
  recording.bed.daemon('slurmctld').freeze();
  await sbatch('the controller hangs');
  recording.bed.daemon('slurmctld').thaw();
  await recording.bed.daemon('munged').kill();
  await sbatch('munged is down');
  await recording.bed.daemon('munged').start();
  await recording.bed.daemon('slurmctld').kill();
  await sbatch('the controller is down');
}

/** Jobs in every state that can be had, in the order of their ids. */
const JOBS: readonly (readonly string[])[] = [
  ['--nodelist=node1', '--wrap=sleep 300'],
  ['--nodelist=node1', '--array=0-2%1', '--wrap=sleep 300'],
  ['--nodelist=node2', '--wrap=sleep 301'],
  ['--hold', '--wrap=true'],
  ['--nodes=99', '--wrap=true'],
  ['--partition=short', '--time=5', '--wrap=true'],
  ['--partition=down', '--wrap=true'],
  ['--begin=now+1hour', '--wrap=true'],
  ['--dependency=afterok:1', '--wrap=true'],
  ['--nodelist=node2', '--wrap=true'],
  ['--nodelist=node2', '--wrap=exit 7'],
  ['--nodelist=node2', '--wrap=kill -9 $$'],
  ['--nodelist=node2', '--output=/nosuch/file', '--wrap=true'],
  ['--nodelist=node2', '--wrap=sleep 302'],
  ['--partition=scavenge', '--nodelist=node3', '--exclusive', '--wrap=sleep 303'],
  ['--nodelist=node4', '--exclusive', '--no-requeue', '--wrap=sleep 304'],
  ['--nodelist=node5', '--exclusive', '--wrap=sleep 305'],
  ['--nodelist=node6', '--exclusive', '--time=1', '--wrap=sleep 306'],
];

async function recordStates(): Promise<void> {
  await using recording = await Recording.start('states', { accounting: 'on', nodes: 6 });
  const { bed } = recording;
  for (const argv of JOBS) await recording.submit(...argv);
  const ids = Array.from({ length: JOBS.length }, (_, index) => String(index + 1));
  const ask = async (title: string, some: readonly string[]) => {
    const jobs = new Map(some.map((id) => [id, id]));
    await recording.command(`sacct, ${title}`, ...sacctCommand(undefined, jobs));
    await recording.command(`squeue, ${title}`, ...squeueCommand(undefined, jobs));
  };
  await ask('jobs just submitted', ids);
  for (const id of ['1', '3', '14', '15', '16', '17', '18']) await recording.until(id, 'RUNNING');
  await bed.run('scontrol', 'suspend', '3');
  await bed.run('scancel', '14');
  await bed.run('scontrol', 'update', 'nodename=node4', 'state=down', 'reason=test');
  await recording.submit('--partition=urgent', '--nodelist=node3,node5', '--exclusive', '--wrap=sleep 307');
  await bed.run('scontrol', 'update', 'jobid=18', 'EndTime=now+3seconds');
  await recording.until('18', 'TIMEOUT');
  await ask('jobs in many states', ids);
  await ask('an unknown job', ['999']);
  await ask('an unknown job among others', ['1', '999']);
  await recording.command(
    'scancel of jobs in many states',
    ...cancelQuestion(['1', '4', '10', '999', '2']).argv,
  );
  await recording.until('1', 'CANCELLED');
  await bed.daemon('slurmdbd').kill();
  await ask('the accounting is down', ['1']);
  bed.daemon('slurmctld').freeze();
  await recording.command('scancel while the controller hangs', ...cancelQuestion(['5']).argv);
  bed.daemon('slurmctld').thaw();
  await bed.daemon('slurmctld').kill();
  await ask('the controller is down', ['5']);
  await recording.command('scancel while the controller is down', ...cancelQuestion(['5', '6']).argv);
}

async function recordOblivion(): Promise<void> {
  await using recording = await Recording.start('no-accounting', { settings: { MinJobAge: '2' } });
  await recording.submit('--wrap=true');
  const jobs = new Map([['1', '1']]);
  await recording.command('sacct', ...sacctCommand(undefined, jobs));
  await recording.command('squeue', ...squeueCommand(undefined, jobs));
  await recording.until('1', '').catch(() => undefined);
  await recording.command('squeue of a forgotten job', ...squeueCommand(undefined, jobs));
}

writeFileSync('ok.sh', '#!/bin/bash\ntrue\n');
try {
  await recordSubmissions();
  await recordStates();
  await recordOblivion();
} finally {
  rmSync(directory, { recursive: true });
}
