import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { GridEngineBed } from './gridengine-bed.js';
import { gridEngineMissing } from './gridengine-missing.js';
import { PROGRAM } from './program.js';

const missing = gridEngineMissing();
const title = 'a Grid Engine comes, obeys and goes';

test.skipIf(missing !== undefined && !/\bgridengine\b/.test(process.env['PARSL_TESTS_REQUIRE'] ?? ''))(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  { timeout: 120_000 },
  async () => {
    const bed = await GridEngineBed.start({ hosts: 2, slots: 3 });
    const client = async (name: string, ...args: readonly string[]) =>
      (await promisify(execFile)(`${bed.clients}/${name}`, args)).stdout;
    const states = async () =>
      Object.fromEntries(
        [...(await client('qstat', '-f')).matchAll(/^all\.q@(\S+) +BIP +\S+ +(\S+) +\S+ *(\S*)/gm)].map(
          ([, host = '', , state = '']) => [host, state],
        ),
      );
    try {
      expect(bed.hosts).toEqual(['exec1', 'exec2']);
      expect(await states()).toEqual({ exec1: '', exec2: '' });

      // On a host with a name and an address of its own, where this machine is reached.
      const [script, output] = [`${bed.directory}/tmp/script`, `${bed.directory}/tmp/output`];
      writeFileSync(
        script,
        `hostname; ip -4 -br addr show eth0; (exec 3<>/dev/tcp/${bed.submitAddress}/1) || true\n`,
      );
      const options = [
        '-terse',
        '-sync',
        'y',
        '-S',
        '/bin/bash',
        '-wd',
        '/',
        '-o',
        output,
        '-j',
        'y',
        '-l',
        'h=exec2',
      ];
      const [id = ''] = (await client('qsub', ...options, script)).split('\n');
      const said = readFileSync(output, 'utf8');
      expect(said).toMatch(/^exec2\n.*198\.18\.\d+\.12\/24/);
      expect(said).toContain('Connection refused');
      expect(await client('qacct', '-j', id)).toMatch(/^exit_status +0/m);

      await bed.killQmaster();
      await expect(client('qstat')).rejects.toThrow('commlib error');
      await bed.startQmaster();
      expect(await client('qstat')).toBe('');

      await bed.killHost('exec1');
      await bed.startHost('exec1');
      expect(await states()).toMatchObject({ exec1: '' });
      await expect(bed.killHost('exec9')).rejects.toThrow('there is no execution host exec9');
    } finally {
      await bed.stop();
    }
    expect(existsSync(bed.directory)).toBe(false);
    expect(JSON.stringify(networkInterfaces())).not.toContain(`"${bed.submitAddress}"`);
  },
);

test('says how it is used', () => {
  expect(() => execFileSync(PROGRAM, ['help'], { stdio: 'pipe' })).toThrow('run COMMAND with qsub');
});
