import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SlurmBed } from './slurm-bed.js';
import { slurmMissing, slurmRequired } from './slurm-missing.js';

const missing = slurmMissing();
const program = fileURLToPath(new URL('../bin/slurm-bed', import.meta.url));
const exec = promisify(execFile);

test('there can be a bed where there has to be one', () => {
  expect(slurmRequired() ? missing : undefined).toBeUndefined();
});

/** What runs of a bed in a directory: a variable that only its parts have says so. */
function partsIn(directory: string): string[] {
  const mark = `MYSQL_UNIX_PORT=${directory}`;
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false; // It has ended.
    }
  });
}

/** Name of the interface of this machine that has an address. */
function linkWith(wanted: string): string | undefined {
  return Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ address }) => address === wanted),
  )?.[0];
}

describe.skipIf(missing !== undefined)(
  `a bed${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let bed: SlurmBed;
    let hidden: string;
    beforeAll(async () => {
      hidden = mkdtempSync(join(tmpdir(), 'hidden-'));
      writeFileSync(join(hidden, 'secret'), '');
      bed = await SlurmBed.start({ nodes: 2, hide: [hidden] });
    }, 120_000);
    afterAll(async () => {
      await bed.stop();
      rmSync(hidden, { recursive: true });
    });

    const onNode = (node: string, script: string) =>
      bed.run('srun', `--nodelist=${node}`, 'sh', '-c', script).then((output) => output.trim());

    test('its nodes have names, processes and addresses of their own', async () => {
      const [one, two] = await Promise.all(
        ['node1', 'node2'].map((node) =>
          onNode(node, 'hostname; ps -e -o args= | grep -c "^slurmd"; ip -o -4 address show eth0'),
        ),
      );
      expect(one).toMatch(/^node1\n1\n.* inet 10\.\d+\.\d+\.11\//);
      expect(two).toMatch(/^node2\n1\n.* inet 10\.\d+\.\d+\.12\//);
    });

    test('its nodes reach this machine by address only, and do not see what is hidden', async () => {
      expect(await onNode('node1', `ls -A ${hidden}`)).toBe('');
      const server = createServer((socket) => socket.end('hello\n')).listen(0, bed.submitAddress);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      expect(await onNode('node1', `bash -c 'cat < /dev/tcp/${bed.submitAddress}/${port}'`)).toBe('hello');
      server.close();
      expect(await onNode('node1', 'cat /etc/hosts')).not.toContain(`${bed.submitAddress} `);
      expect(await onNode('node1', `getent hosts ${hostname()} || echo unknown`)).toBe('unknown');
    });

    test('a node that is killed takes its processes along, and can come back', async () => {
      const flag = join(bed.directory, 'beats');
      const beat = `--wrap=while :; do date > ${flag}; sleep 0.05; done`;
      await bed.run('sbatch', '--nodelist=node2', '--output=/dev/null', beat);
      await vi.waitFor(() => expect(existsSync(flag)).toBe(true), { timeout: 20_000 });
      await bed.daemon('node2').kill();
      rmSync(flag);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(existsSync(flag)).toBe(false);
      await bed.startNodes();
      await bed.run('scancel', '--user=root');
      expect(await onNode('node2', 'hostname')).toBe('node2');
    });

    test('the controller can hang, be killed and come back', async () => {
      const controller = bed.daemon('slurmctld');
      controller.freeze();
      await expect(bed.run('squeue')).rejects.toThrow('timed out');
      controller.thaw();
      await controller.kill();
      await expect(bed.run('squeue')).rejects.toThrow('Unable to contact');
      await controller.start();
      expect(await bed.run('scontrol', 'ping')).toContain('is UP');
    });

    test('a part that does not exist is named', () => {
      expect(() => bed.daemon('node3')).toThrow(
        'there is no node3 in this bed, but head, munged, slurmctld, node1',
      );
    });
  },
);

describe.skipIf(missing !== undefined)('the end of a bed', () => {
  test('leaves no process, no link and no file', async () => {
    const bed = await SlurmBed.start({ nodes: 2, accounting: 'on' });
    const link = linkWith(bed.submitAddress);
    expect(link).toMatch(/^bed-/);
    expect(partsIn(bed.directory).length).toBeGreaterThan(2);
    await bed.stop();
    expect(partsIn(bed.directory)).toEqual([]);
    expect(existsSync(`/sys/class/net/${link}`)).toBe(false);
    expect(existsSync(bed.directory)).toBe(false);
  });

  test('comes with that of its process, even if that is killed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'killed-'));
    const script =
      'echo $PPID; sbatch --quiet --output=/dev/null --wrap="sleep 300"; sinfo -h -o ready; sleep 300';
    const child = spawn(program, ['--', 'sh', '-c', script], {
      env: { ...process.env, TMPDIR: directory },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    try {
      let pid = 0;
      for await (const line of createInterface(child.stdout)) {
        pid ||= Number(line);
        if (line === 'ready') break;
      }
      expect(partsIn(directory).length).toBeGreaterThan(2);
      process.kill(pid, 'SIGKILL');
      await vi.waitFor(() => expect(partsIn(directory)).toEqual([]), { timeout: 20_000 });
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await vi.waitFor(() => rmSync(directory, { recursive: true, force: true }), { timeout: 20_000 });
    }
  });
});

describe.skipIf(missing !== undefined)('slurm-bed, the program', () => {
  test('runs a command in a bed, and ends as it does', async () => {
    const script =
      'slurm-bed kill node2 && sinfo -hN -o %N | sort -u | wc -l && slurm-bed start node2 && sacctmgr -n list cluster';
    const { stdout } = await exec(program, ['--nodes=2', '--accounting=on', '--', 'sh', '-ec', script]);
    expect(stdout).toMatch(/^2\n/);
    expect(stdout).toContain('bed');
    await expect(exec(program, ['--', 'sh', '-c', 'slurm-bed kill node9; exit 3'])).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining('there is no node9') as string,
    });
  });

  test('with accounting enforced, only users that it knows may submit', async () => {
    const script =
      'sbatch --quiet --account=nosuch --wrap=true; sbatch --parsable --output=/dev/null --wrap=true';
    const { stdout, stderr } = await exec(program, ['--accounting=enforced', '--', 'sh', '-c', script]);
    expect(stderr).toContain('Invalid account');
    expect(stdout).toBe('1\n');
  });

  test('says what is wrong with its arguments', async () => {
    await expect(exec(program, ['kill', 'node1'])).rejects.toMatchObject({
      stderr: 'slurm-bed: start a bed first, and use this in its shell\n',
    });
    await expect(exec(program, ['--nodez'])).rejects.toMatchObject({
      stderr: expect.stringContaining("Unknown option '--nodez'") as string,
    });
  });
});

test('a bed that cannot start says why, and leaves nothing', async (context) => {
  context.skip(missing !== undefined, missing);
  const directory = mkdtempSync(join(tmpdir(), 'failed-'));
  const settings = { SlurmUser: 'no-such-user' };
  await expect(SlurmBed.start({ directory, settings })).rejects.toThrow(
    /slurmctld has ended: .*no-such-user/s,
  );
  // What was killed is there for a moment longer.
  await expect.poll(() => partsIn(directory), { timeout: 20_000 }).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
});
