import { execFile, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { conformanceCases, type Undo } from '@parsl-ts/provider/testing';
import { describe, test } from 'vitest';
import { PBSProProvider, type PBSProProviderOptions } from './pbs-pro-provider.js';

/** What a command writes; nothing if there is no such command. */
function run(...[file = '', ...args]: readonly string[]): string {
  const { error, stdout } = spawnSync(file, args, { encoding: 'utf8', timeout: 30_000 });
  return error === undefined ? stdout : '';
}

/** Why there is no PBS Pro to try it on; `undefined`: there is. */
function absence(): string | undefined {
  if (!run('qsub', '--version').includes('pbs_version')) {
    return 'there is no qsub of PBS Pro or OpenPBS here';
  }
  if (process.getuid?.() === 0) {
    return 'PBS takes no jobs of root: run it as somebody else';
  }
  return undefined;
}

/** Nodes more than these are somebody's cluster, which is not to be filled. */
const FEW_NODES = 4;

interface Node {
  readonly host: string;
  readonly cpus: number;
}

/** The nodes, if they are few and free. */
function fewNodes(): readonly Node[] {
  const blocks = run('pbsnodes', '-a')
    .split(/\n\n+/)
    .filter((block) => block.trim() !== '');
  const nodes = blocks.flatMap((block) => {
    const host = /resources_available\.host = (\S+)/.exec(block)?.[1];
    const cpus = Number(/resources_available\.ncpus = (\d+)/.exec(block)?.[1]);
    return host !== undefined && /^ +state = free$/m.test(block) ? [{ host, cpus }] : [];
  });
  return nodes.length === blocks.length && nodes.length <= FEW_NODES ? nodes : [];
}

/** Fills the nodes with jobs of its own; what it returns deletes them. */
async function occupy(nodes: readonly Node[]): Promise<() => Promise<void>> {
  const ids = nodes.map(({ host, cpus }) => {
    const select = `select=1:ncpus=${String(cpus)}:host=${host}`;
    return run(
      'qsub',
      '-f',
      '-l',
      select,
      '-o',
      '/dev/null',
      '-e',
      '/dev/null',
      '--',
      '/bin/sleep',
      '300',
    ).trim();
  });
  while (ids.some((id) => !run('qstat', '-f', id).includes('job_state = R'))) {
    await delay(100);
  }
  return () => {
    run('qdel', '-W', 'force', ...ids);
    return Promise.resolve();
  };
}

/**
 * A program that does to the server what only an administrator can, while the tests run as somebody else: called with `stop`,
 * `start`, `freeze` (SIGSTOP) or `thaw` (SIGCONT), it ends when that is done. Only whoever owns the server names one.
 */
const CONTROL = process.env['PARSL_TESTS_PBS_CONTROL'];

/** Does something to the server; what it returns takes that back. */
function controlling(program: string, act: string, undo: string): () => Promise<Undo> {
  return async () => {
    await promisify(execFile)(program, [act]);
    return async () => {
      await promisify(execFile)(program, [undo]);
    };
  };
}

function create(options: PBSProProviderOptions): PBSProProvider {
  return new PBSProProvider({
    pollIntervalMs: 250,
    walltime: '00:05:00',
    // For the case about the environment: PBS gives jobs none of it unless told.
    schedulerOptions: '#PBS -V',
    ...options,
  });
}

const why = absence();
if (why === undefined) {
  const nodes = fewNodes();
  const history = run('qstat', '-Bf').includes('job_history_enable = True');
  describe(`PBSProProvider on PBS Pro with job history ${history ? 'on' : 'off'}`, () => {
    const cases = conformanceCases({
      create,
      directory: homedir(),
      timeoutMs: 60_000,
      unsatisfiable: {
        'a queue that does not exist': () => create({ queue: 'nosuchqueue' }),
        'more nodes than there are': () => create({ nodesPerBlock: 10_000 }),
        'more cores than a node has': () => create({ cpusPerNode: 10_000 }),
      },
      // PBS looks at walltimes every ten seconds or so.
      expire: async (id) => {
        run('qalter', '-l', 'walltime=00:00:01', id);
      },
      ...(nodes.length === 0 ? {} : { occupy: () => occupy(nodes) }),
      ...(CONTROL === undefined
        ? {}
        : {
            stopScheduler: controlling(CONTROL, 'stop', 'start'),
            freezeScheduler: controlling(CONTROL, 'freeze', 'thaw'),
          }),
      // No killNode: a server gives up a node that has died after five minutes, unless its administrator wants otherwise.
    });
    for (const { name, skip, run: runCase } of cases) {
      test(name, { timeout: 180_000 }, async (context) => {
        context.skip(skip !== undefined, skip);
        await runCase();
      });
    }
  });
} else {
  test('PBSProProvider on PBS Pro', (context) => {
    context.skip(why);
  });
}
