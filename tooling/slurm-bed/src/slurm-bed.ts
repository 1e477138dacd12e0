import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedNetwork } from './bed-network.js';
import { bedPlan, type BedPlan, type SlurmBedOptions } from './bed-options.js';
import { bedPrograms, databaseSocket } from './bed-programs.js';
import { environment, run, until } from './commands.js';
import { Daemon, type DaemonSetup } from './daemon.js';
import { gresConf, hostsFile, nodeNames, slurmConf, slurmdbdConf, type BedPlaces } from './slurm-conf.js';

/** How long nodes may take until the controller counts on them, in ms. */
const IDLE_MS = 60_000;
/** How long the network may take until it is gone, in ms. */
const END_MS = 10_000;

/**
 * A real Slurm on this machine, for as long as this process lives: a controller and several nodes, each with a host name,
 * processes and an address of its own. Submit with the commands of Slurm in {@link environment}. However this process
 * ends, the kernel ends everything of the bed with it; {@link stop} removes its directory as well.
 */
export class SlurmBed implements AsyncDisposable {
  /** Its directory: configuration in `etc`, logs in `log`. */
  readonly directory: string;
  /** Variables that lead the commands of Slurm to this bed. */
  readonly environment: Readonly<Record<string, string>>;
  /** Address under which the nodes reach this machine. They know no name of it. */
  readonly submitAddress: string;
  /** Names of the nodes. */
  readonly nodes: readonly string[];
  /** Everything that runs, by name: `head`, `munged`, `slurmctld`, `node1`, …; with accounting `mariadbd` and `slurmdbd`. */
  readonly daemons: ReadonlyMap<string, Daemon>;
  readonly #link: string;
  readonly #stopped = new AbortController();

  private constructor(plan: BedPlan, places: BedPlaces) {
    this.directory = places.directory;
    this.environment = { SLURM_CONF: `${places.directory}/etc/slurm.conf` };
    this.submitAddress = places.network.submitHost;
    this.nodes = nodeNames(plan);
    this.#link = places.network.link;
    const env = environment({ ...this.environment, MYSQL_UNIX_PORT: databaseSocket(places) });
    this.daemons = new Map(
      bedPrograms(plan, places).map((program) => {
        const { name } = program;
        const setup: DaemonSetup = {
          name,
          env,
          logPath: `${this.directory}/log/${name}.out`,
          command: () => program.argv(this.daemons.get('head')?.pid),
          check: (signal) => run(program.check, { env, signal }),
        };
        return [name, new Daemon(setup)];
      }),
    );
  }

  /** Starts a bed. Resolves when all of its nodes are idle: in about a second, with accounting in about three. */
  static async start(options: SlurmBedOptions = {}): Promise<SlurmBed> {
    const plan = bedPlan(options);
    const directory = await realpath(await mkdtemp(join(options.directory ?? tmpdir(), 'slurm-')));
    const places = { directory, network: BedNetwork.free() };
    const bed = new SlurmBed(plan, places);
    try {
      await writeFiles(plan, places);
      await bed.#start(plan);
      return bed;
    } catch (error) {
      await bed.stop();
      throw error;
    }
  }

  /** A part of the bed. */
  daemon(name: string): Daemon {
    const daemon = this.daemons.get(name);
    if (daemon === undefined) {
      throw new RangeError(`there is no ${name} in this bed, but ${[...this.daemons.keys()].join(', ')}`);
    }
    return daemon;
  }

  /** Runs a command of Slurm and gives what it wrote. Rejects when it fails. */
  run(...argv: readonly string[]): Promise<string> {
    return run(argv, { env: environment(this.environment), signal: this.#stopped.signal });
  }

  /** Starts the nodes that do not run, and waits until the controller counts on all of them. */
  async startNodes(): Promise<void> {
    await Promise.all(this.nodes.map((name) => this.daemon(name).start()));
    await until('all nodes up', { ms: IDLE_MS, signal: this.#stopped.signal }, async () => {
      const states = (await this.run('sinfo', '-h', '-N', '-p', 'debug', '-o', '%T')).trim().split('\n');
      const up = states.filter((state) => /^(idle|mixed|allocated|completing)$/.test(state)).length;
      if (up !== this.nodes.length) throw new Error(`the nodes are ${states.join(', ')}`);
    });
  }

  /** Ends everything at once and removes the bed's directory. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the bed is stopped'));
    await Promise.all([...this.daemons.values()].map((daemon) => daemon.kill()));
    // The kernel takes the network down after the last process has left it, and tells nobody when.
    await until('the end of the network', { ms: END_MS }, async () => {
      if (existsSync(`/sys/class/net/${this.#link}`)) throw new Error(`there is still ${this.#link}`);
    });
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(plan: BedPlan): Promise<void> {
    for (const name of ['head', 'munged', ...(plan.accounting === 'off' ? [] : ['mariadbd', 'slurmdbd'])]) {
      await this.daemon(name).start();
    }
    if (plan.accounting !== 'off') {
      for (const words of ['cluster bed', 'account lab', `user ${plan.users.join(',')} account=lab`]) {
        await this.run('sacctmgr', '--immediate', 'add', ...words.split(' '));
      }
    }
    await Promise.all([this.daemon('slurmctld').start(), this.startNodes()]);
  }
}

async function writeFiles(plan: BedPlan, places: BedPlaces): Promise<void> {
  const path = (name: string): string => join(places.directory, name);
  await chmod(places.directory, 0o755);
  for (const name of ['etc', 'log', 'munge', 'run', 'spool', 'state', 'database']) {
    await mkdir(path(name));
    await chmod(path(name), 0o755);
  }
  await writeFile(path('etc/slurm.conf'), slurmConf(plan, places));
  await writeFile(path('etc/gres.conf'), gresConf());
  await writeFile(path('etc/hosts'), hostsFile(plan, places));
  await writeFile(path('etc/slurmdbd.conf'), slurmdbdConf(places), { mode: 0o600 });
  // A copy, since the nodes need not see this package.
  await copyFile(new URL('epilog.sh', import.meta.url), path('etc/epilog.sh'));
  await writeFile(path('munge/key'), crypto.getRandomValues(new Uint8Array(1024)), { mode: 0o600 });
}
