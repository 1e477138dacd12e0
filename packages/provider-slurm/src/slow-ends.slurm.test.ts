import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tryProvider } from './testing/try-provider.js';
import { useSlurmBed } from './testing/use-slurm-bed.js';

const SLEEP = '/bin/sleep 300';

describe.each(['off', 'on'] as const)('with accounting %s', { timeout: 180_000 }, (accounting) => {
  // These tests run at the same time, since each waits for most of its own: they use different nodes.
  const bed = useSlurmBed({ accounting, nodes: 5 });
  beforeEach((context) => context.skip(bed.missing !== undefined, bed.missing));

  /** A job completes for as long as there is this file. */
  const holds = (id: string) => join(bed.it.directory, `holds-${id}`);
  beforeAll(() => {
    if (bed.missing !== undefined) return;
    const epilog = join(bed.it.directory, 'etc/epilog.sh');
    copyFileSync(epilog, `${epilog}.usual`);
    const lines = [`while [ -e ${holds('$SLURM_JOB_ID')} ]; do sleep 0.2; done`, `exec ${epilog}.usual`];
    writeFileSync(`${epilog}.new`, `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o755 });
    renameSync(`${epilog}.new`, epilog);
  });

  test.concurrent('a job that is preempted has run out of time, or waits again', async (context) => {
    const on = (node: string, partition: string) =>
      tryProvider(
        { exclusive: true, partition, schedulerOptions: `--nodelist=${node}` },
        context.onTestFinished,
      );
    const ended = on('node1', 'scavenge');
    const requeued = on('node2', 'debug');
    const ids = [await ended.submit(SLEEP), await requeued.submit(SLEEP)] as const;
    await Promise.all([ended.until(ids[0], 'running'), requeued.until(ids[1], 'running')]);
    const urgent = tryProvider(
      {
        partition: 'urgent',
        nodesPerBlock: 2,
        exclusive: true,
        schedulerOptions: '--nodelist=node[1-2]',
      },
      context.onTestFinished,
    );
    await urgent.until(await urgent.submit(SLEEP), 'running');
    expect(await ended.until(ids[0], 'timeout')).toMatchObject({
      message: expect.stringContaining('PREEMPTED') as string,
    });
    await requeued.until(ids[1], 'pending');
  });

  test.concurrent('a job that its time ends is not one that fails', async (context) => {
    const { submit, until } = tryProvider({ schedulerOptions: '--nodelist=node3' }, context.onTestFinished);
    const id = await submit(SLEEP);
    await until(id, 'running');
    await bed.it.run('scontrol', 'update', `jobid=${id}`, 'EndTime=now+1second');
    expect(await until(id, 'timeout')).toMatchObject({
      message: expect.stringContaining('TIMEOUT') as string,
    });
  });

  test.concurrent('a node that dies fails its job, or has it requeued', async (context) => {
    const on = (schedulerOptions: string) => tryProvider({ schedulerOptions }, context.onTestFinished);
    const requeued = on('--nodelist=node4');
    const lost = on('--nodelist=node4\n--no-requeue');
    const first = await requeued.submit(SLEEP);
    const second = await lost.submit(SLEEP);
    await Promise.all([requeued.until(first, 'running'), lost.until(second, 'running')]);
    await bed.it.daemon('node4').kill();
    expect(await lost.until(second, 'failed')).toMatchObject({
      message: expect.stringContaining('NODE_FAIL') as string,
    });
    await requeued.until(first, 'pending');
  });

  test.concurrent('a job that goes on completing has ended after a minute', async (context) => {
    const options = { schedulerOptions: '--nodelist=node5' };
    const { scriptDir, submit, until } = tryProvider(options, context.onTestFinished);
    const go = join(scriptDir, 'go');
    const ends = (code: number) => submit(`until [ -e ${go} ]; do sleep 0.1; done; exit ${code}`);
    const ids = [await ends(0), await ends(7)] as const;
    ids.forEach((id) => {
      writeFileSync(holds(id), '');
    });
    writeFileSync(go, '');
    // Nobody but sacct knows that it has ended well, as long as it completes.
    const [one, other] = await Promise.all([
      until(ids[0], accounting === 'on' ? 'completed' : 'failed'),
      until(ids[1], 'failed'),
    ]);
    expect([one.exitCode, other.exitCode]).toEqual([accounting === 'on' ? 0 : undefined, 7]);
    const states = await bed.it.run('squeue', '-h', '-o', '%T', '-j', ids.join(','));
    expect(states.trim().split('\n')).toEqual(['COMPLETING', 'COMPLETING']);
  });
});
