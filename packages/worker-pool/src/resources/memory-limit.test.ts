import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

import { afterEach, describe, expect, test } from 'vitest';

import { memoryLimit } from './memory-limit.js';

const GB = 2 ** 30;
/** What v1 says of a group without a limit. */
const NO_LIMIT_V1 = '9223372036854771712';

const SLURM_V2 = '/system.slice/slurmstepd.scope/job_1842/step_batch/user/task_0';
const SLURM_V1 = '/slurm/uid_1001/job_1842/step_batch/task_0';
const DOCKER_V1 = '/docker/5b0ac4f2c0a6';

const UNIFIED =
  '31 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const V1 = [
  '32 31 0:29 / /sys/fs/cgroup/cpuset rw,relatime shared:10 - cgroup cgroup rw,cpuset',
  '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:11 - cgroup cgroup rw,memory',
  '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime shared:12 - cgroup cgroup rw,xattr,name=systemd',
].join('\n');
const HYBRID = `${V1}\n41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:13 - cgroup2 cgroup2 rw`;
const CONTAINER_V1 = `612 604 0:32 ${DOCKER_V1} /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory`;
const CONTAINER_V2 = '1021 1017 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw';
const ABOVE_NAMESPACE = '88 31 0:27 /../.. /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw';

type Files = Readonly<Record<string, string>>;

const own = (cgroup: string, mountinfo: string): Files => ({
  '/proc/self/cgroup': cgroup,
  '/proc/self/mountinfo': `22 27 0:21 / /proc rw,relatime - proc proc rw\n${mountinfo}`,
});
const v2 = (group: string, limit: string): Files => ({ [`/sys/fs/cgroup${group}/memory.max`]: limit });
const v1 = (group: string, limit: string): Files => ({
  [`/sys/fs/cgroup/memory${group}/memory.limit_in_bytes`]: limit,
});
const v1Groups = (memory: string) => `9:name=systemd:/\n4:memory:${memory}\n3:cpuset:/\n0::/`;

describe('the memory that groups of processes leave', () => {
  test.each<[string, Files, number]>([
    ['nothing to read', {}, Infinity],
    ['v2, in no group', own('0::/', UNIFIED), Infinity],
    [
      'v2, a group without a limit',
      { ...own('0::/user.slice', UNIFIED), ...v2('/user.slice', 'max') },
      Infinity,
    ],
    [
      'v2, the limit of a job above that of its step',
      {
        ...own(`0::${SLURM_V2}`, UNIFIED),
        ...v2('/system.slice', 'max'),
        ...v2('/system.slice/slurmstepd.scope', 'max'),
        ...v2('/system.slice/slurmstepd.scope/job_1842', String(4 * GB)),
        ...v2('/system.slice/slurmstepd.scope/job_1842/step_batch', String(4 * GB)),
        ...v2('/system.slice/slurmstepd.scope/job_1842/step_batch/user', 'max'),
        ...v2(SLURM_V2, 'max'),
      },
      4 * GB,
    ],
    [
      'v2, the least of several',
      { ...own('0::/a/b', UNIFIED), ...v2('/a', String(2 * GB)), ...v2('/a/b', String(8 * GB)) },
      2 * GB,
    ],
    [
      'v2, not that of another group',
      { ...own('0::/a/b', UNIFIED), ...v2('/a/c', String(GB)), ...v2('/b', String(GB)) },
      Infinity,
    ],
    ['v2, a container', { ...own('0::/', CONTAINER_V2), ...v2('', String(GB)) }, GB],
    [
      'v2, mounted from above the namespace of groups',
      { ...own('0::/', ABOVE_NAMESPACE), ...v2('', String(3 * GB)) },
      3 * GB,
    ],
    [
      'v1, the limit of a job above that of its step',
      {
        ...own(v1Groups(SLURM_V1), V1),
        ...v1('', NO_LIMIT_V1),
        ...v1('/slurm/uid_1001/job_1842', String(6 * GB)),
        ...v1('/slurm/uid_1001/job_1842/step_batch', String(5 * GB)),
        ...v1(SLURM_V1, NO_LIMIT_V1),
      },
      5 * GB,
    ],
    [
      'v1, no limit',
      { ...own(v1Groups('/user.slice'), V1), ...v1('', NO_LIMIT_V1), ...v1('/user.slice', NO_LIMIT_V1) },
      Number(NO_LIMIT_V1),
    ],
    [
      'v1, controllers that share a mount',
      {
        ...own('2:cpu,memory:/pbs/17.server', '35 31 0:32 / /cg/a\\040b rw - cgroup cgroup rw,cpu,memory'),
        '/cg/a b/pbs/17.server/memory.limit_in_bytes': String(GB),
      },
      GB,
    ],
    [
      'v1, a container that sees the group of the host',
      { ...own(v1Groups(DOCKER_V1), CONTAINER_V1), ...v1('', String(GB)) },
      GB,
    ],
    [
      'v1, a group in a container',
      {
        ...own(v1Groups(`${DOCKER_V1}/job`), CONTAINER_V1),
        ...v1('', String(2 * GB)),
        ...v1('/job', String(GB)),
      },
      GB,
    ],
    [
      'v1, a container that does not show the own group',
      { ...own(v1Groups('/elsewhere'), CONTAINER_V1), ...v1('', String(GB)) },
      GB,
    ],
    [
      'v2, moved out of what its namespace shows',
      { ...own('0::/../job', UNIFIED), ...v2('', 'max'), ...v2('/job', String(GB)) },
      Infinity,
    ],
    [
      'hybrid, memory being in v1',
      { ...own(v1Groups(SLURM_V1), HYBRID), ...v1('/slurm/uid_1001', String(7 * GB)) },
      7 * GB,
    ],
    [
      'no list of mounts',
      { '/proc/self/cgroup': '0::/job', ...v2('/job', String(GB)), ...v2('', String(2 * GB)) },
      GB,
    ],
  ])('%s', (_, files, expected) => {
    expect(memoryLimit((path) => files[path])).toBe(expected);
  });
});

describe('on this host', () => {
  const group = `/sys/fs/cgroup/memory/parsl-test-${String(process.pid)}`;
  const inner = `${group}/job`;

  afterEach(() => {
    for (const directory of [inner, group]) {
      try {
        rmdirSync(directory);
      } catch {
        // It could not be made, either.
      }
    }
  });

  test('a job in a group of v1 finds the limit of the group around it', (context) => {
    try {
      mkdirSync(group);
      mkdirSync(inner);
      writeFileSync(`${group}/memory.limit_in_bytes`, String(GB));
    } catch (error) {
      context.skip(true, `no group with a limit can be made here: ${String(error)}`);
    }
    // A shell that moves itself there says what it sees.
    const script =
      'echo $$ > "$1/cgroup.procs" && cat /proc/self/cgroup && echo == && cat /proc/self/mountinfo';
    const { stdout, status } = spawnSync('sh', ['-c', script, 'sh', inner], { encoding: 'utf8' });
    expect(status).toBe(0);
    const [cgroup = '', mountinfo = ''] = stdout.split('==\n');
    const limit = memoryLimit((path) => {
      if (path === '/proc/self/cgroup') return cgroup;
      if (path === '/proc/self/mountinfo') return mountinfo;
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    });
    expect(limit).toBe(GB);
  });
});
