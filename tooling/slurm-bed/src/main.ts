import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { environment } from './commands.js';
import { askControl, CONTROLS, isControl, serveControl } from './control-socket.js';
import { SlurmBed } from './slurm-bed.js';
import { missingPackages, slurmMissing } from './slurm-missing.js';

const USAGE = `A real Slurm with several nodes on this machine, for as long as a command runs. Needs root on Debian or Ubuntu.

  slurm-bed [options] [-- command…]     the command is your shell unless told otherwise
    --nodes N             nodes, node1 to nodeN (4)
    --cpus N              CPUs that each node claims to have (2)
    --accounting WHICH    off, on: sacct works, enforced: only account 'lab' may submit (off)
    --hide DIRECTORY      an empty directory on the nodes; may be given more than once
    --set KEY=VALUE       a line of slurm.conf; may be given more than once

In the command, the programs of Slurm find this cluster, and

  slurm-bed ${CONTROLS.join('|')} NAME     does that to node1, …, slurmctld, slurmdbd, mariadbd or munged
`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`slurm-bed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<number> {
  const [control = '', name = ''] = args;
  const socket = process.env['SLURM_BED_CONTROL'];
  if (isControl(control)) {
    if (socket === undefined) throw new Error('start a bed first, and use this in its shell');
    await askControl(socket, control, name);
    return 0;
  }
  return runInBed(args);
}

async function runInBed(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      nodes: { type: 'string' },
      cpus: { type: 'string' },
      accounting: { type: 'string', default: 'off' },
      hide: { type: 'string', multiple: true, default: [] },
      set: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  const { accounting } = values;
  if (values.help || (accounting !== 'off' && accounting !== 'on' && accounting !== 'enforced')) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  install(missingPackages(accounting));
  const missing = slurmMissing(accounting);
  if (missing !== undefined) throw new Error(missing);
  await using bed = await SlurmBed.start({
    ...(values.nodes === undefined ? {} : { nodes: Number(values.nodes) }),
    ...(values.cpus === undefined ? {} : { cpusPerNode: Number(values.cpus) }),
    accounting,
    hide: values.hide,
    settings: Object.fromEntries(values.set.map(assignment)),
  });
  const socket = join(bed.directory, 'control');
  const server = await serveControl(bed, socket);
  try {
    return await handOver(positionals, {
      ...bed.environment,
      SLURM_BED_CONTROL: socket,
      PATH: `${environment()['PATH'] ?? ''}:${fileURLToPath(new URL('../bin', import.meta.url))}`,
    });
  } finally {
    server.close();
  }
}

function assignment(line: string): [name: string, value: string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** Installs what is missing, and leaves it to {@link slurmMissing} to say what is missing still. */
function install(packages: readonly string[]): void {
  if (packages.length === 0 || process.getuid?.() !== 0) return;
  console.error(`installing ${packages.join(', ')}`);
  const apt = (...words: readonly string[]) =>
    spawnSync('apt-get', ['-qq', '-y', ...words], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 2, 2],
    });
  apt('update');
  apt('install', '--no-install-recommends', ...packages);
}

/** Hands the terminal to a command and returns its exit code. The signals of a terminal are for the command. */
function handOver(command: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const [file, ...args] = command.length === 0 ? [process.env['SHELL'] ?? 'bash'] : command;
  return new Promise((resolve, reject) => {
    const child = spawn(file ?? 'bash', args, { env: environment(env), stdio: 'inherit' });
    process.on('SIGINT', () => undefined).on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
