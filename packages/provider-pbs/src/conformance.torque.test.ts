import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SlurmBed, slurmMissing } from '@parsl-ts-internal/slurm-bed';
import { SingleNodeLauncher } from '@parsl-ts/provider';
import { conformanceCases } from '@parsl-ts/provider/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { TorqueProvider, type TorqueProviderOptions } from './torque-provider.js';

/** Why there is no Torque to try it on; `undefined`: there is Slurm with its commands for Torque's users. */
function absence(): string | undefined {
  const qsub = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'qsub'))
    .find((path) => existsSync(path));
  // It cannot be asked before there is a Slurm.
  return qsub !== undefined && readFileSync(qsub, 'utf8').includes('sbatch')
    ? slurmMissing()
    : "there is no qsub of Slurm here (Debian's slurm-wlm-torque)";
}

const missing = absence();
if (missing !== undefined && ` ${process.env['PARSL_TESTS_REQUIRE'] ?? ''} `.includes(' torque ')) {
  throw new Error(missing);
}

function create(options: TorqueProviderOptions): TorqueProvider {
  // Slurm has no pbsdsh.
  return new TorqueProvider({ pollIntervalMs: 200, launcher: new SingleNodeLauncher(), ...options });
}

describe('TorqueProvider is a provider, on Slurm with its commands for Torque', () => {
  let started: SlurmBed | undefined;
  beforeAll(async () => {
    if (missing === undefined) {
      started = await SlurmBed.start();
      Object.assign(process.env, started.environment);
    }
  }, 120_000);
  afterAll(() => started?.stop());
  const bed = (): SlurmBed => {
    if (started === undefined) {
      throw new Error('there is no bed now');
    }
    return started;
  };
  const controller = () => bed().daemon('slurmctld');
  const cases = conformanceCases({
    create,
    unsatisfiable: { 'a queue that does not exist': () => create({ queue: 'nosuchqueue' }) },
    occupy: async (provider) => {
      await bed().run('scontrol', 'update', 'partitionname=debug', 'state=down');
      return async () => {
        await bed().run('scontrol', 'update', 'partitionname=debug', 'state=up');
        await delay(provider.pollIntervalMs);
      };
    },
    expire: async (id) => {
      await bed().run('scontrol', 'update', `jobid=${id}`, 'EndTime=now+1second');
    },
    killNode: async (id) => {
      await bed()
        .daemon((await bed().run('squeue', '-h', '-o', '%N', '-j', id)).trim())
        .kill();
      return () => bed().startNodes();
    },
    stopScheduler: async () => {
      await controller().stop();
      return () => controller().start();
    },
    freezeScheduler: async () => {
      controller().freeze();
      return async () => controller().thaw();
    },
    timeoutMs: 60_000,
    // Slurm's qstat says that a job is complete while its processes are still being ended.
    lingers: true,
  });
  for (const { name, skip, run } of cases) {
    test(name, { timeout: 150_000 }, async (context) => {
      context.skip(missing !== undefined, missing);
      context.skip(skip !== undefined, skip);
      await run();
    });
  }
});
