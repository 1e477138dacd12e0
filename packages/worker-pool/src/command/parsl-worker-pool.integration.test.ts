import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { formatPoolKeys, formatPoolSecret, MessageType, refusedMessage } from '@parsl-ts/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { encryption, type Encryption } from '../testing/encryption.js';
import { InterchangePeer } from '../testing/interchange-peer.js';
import { PoolProcess } from '../testing/pool-process.js';

let dir: string;
let peer: InterchangePeer | undefined;
let pools: PoolProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pool-command-'));
});

afterEach(async () => {
  for (const pool of pools) pool.kill('SIGKILL');
  await Promise.all(pools.map((pool) => pool.ended));
  pools = [];
  peer?.close();
  peer = undefined;
  rmSync(dir, { recursive: true, force: true });
});

function run(args: readonly string[], input?: string, env?: NodeJS.ProcessEnv): PoolProcess {
  const pool = new PoolProcess(['--max-workers-per-node', '1', '--scratch-dir', dir, ...args], input, env);
  pools.push(pool);
  return pool;
}

async function listen(options?: Parameters<typeof InterchangePeer.listen>[0]): Promise<InterchangePeer> {
  peer = await InterchangePeer.listen(options);
  return peer;
}

test('help shows all options and examples; version shows the version', async () => {
  const { exitCode, stdout } = await run(['--help']).ended;
  expect(exitCode).toBe(0);
  expect(stdout).toContain('--connect');
  expect(stdout).toContain('Examples:');
  expect(await run(['--version']).ended).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test('a reader of the help that leaves early is no error', async () => {
  const pool = run(['--help']);
  pool.child.stdout?.destroy();
  await expect(pool.ended).resolves.toMatchObject({ exitCode: 0, stderr: '' });
});

test('a Node.js that is too old ends it with 7 and says so', async () => {
  const preload = join(dir, 'old.cjs');
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.9' } });`,
  );
  const { exitCode, stderr } = await run([], '', { NODE_OPTIONS: `--require ${preload}` }).ended;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 7,
    stderr: `parsl-worker-pool: needs Node.js 20.19 or later; ${process.execPath} is 20.18.9\n`,
  });
});

describe('options that make no sense end it with 2 and say what to do', () => {
  test.each([
    [[], '--connect is missing'],
    [['--conect', 'tcp://a:1'], 'Did you mean --connect?'],
    [['--connect', 'a:1'], "'a:1' is no address"],
    [['--connect', 'tcp://a:0'], 'is no address'],
    [['--connect', 'tcp://a:1', '--unencrypted', '--cores-per-worker', 'many'], 'number above 0'],
    [['--connect', 'tcp://a:1', '--unencrypted', '--heartbeat-period-ms', '0'], 'time in ms'],
    [['--connect', 'tcp://a:1', '--unencrypted', '--prefetch-capacity', '1.5'], 'whole number'],
    [['--connect', 'tcp://a:1', '--unencrypted', '--cpu-affinity', 'blok'], "did you mean 'block'?"],
    [['--connect', 'tcp://a:1', '--unencrypted', '--cpu-affinity', 'list:0-1:2-3'], 'for 2 workers'],
    [['--connect', 'tcp://a:1', '--unencrypted', '--cores-per-worker', '9999'], 'not enough for one worker'],
    [['--connect', 'tcp://a:1', '--unencrypted', '--key-file', 'k'], 'cannot be used with'],
    [['--connect', 'tcp://a:1', '--unencrypted', '--key-variable', 'K'], 'cannot be used with'],
    [['--connect', 'tcp://a:1', '--unencrypted', 'more'], 'too many arguments'],
  ])('%j', async (args, message) => {
    const { exitCode, stderr } = await run(args).ended;
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });

  test('a variable of the environment', async () => {
    const { exitCode, stderr } = await run(['--connect', 'tcp://a:1', '--unencrypted'], '', {
      PARSL_CORES: 'x',
    }).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('PARSL_CORES') });
  });
});

test('a wrong address ends it with 3 and names the addresses and the time', async () => {
  const addresses = 'tcp://127.0.0.1:9,tcp://127.0.0.1:10';
  const { exitCode, stderr } = await run([
    '--connect',
    addresses,
    '--unencrypted',
    '--address-probe-timeout-ms',
    '300',
  ]).ended;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringMatching('tcp://127.0.0.1:9, tcp://127.0.0.1:10 within 0.3 s'),
  });
  expect(readdirSync(dir)).toEqual([]);
});

test('of several addresses the one that answers is used', async () => {
  const { address, registration } = await listen().then((p) => ({
    address: p.address,
    registration: p.registration(),
  }));
  run([
    '--connect',
    'tcp://127.0.0.1:9',
    '--connect',
    `${address},tcp://127.0.0.1:10,${address}`,
    '--unencrypted',
  ]);
  expect(await registration).toMatchObject({ blockId: 'manual', workers: 1 });
});

test('a refusal ends it with 1 and the reason', async () => {
  const interchange = await listen();
  interchange.welcome = false;
  const registration = interchange.registration();
  const pool = run(['--connect', interchange.address, '--unencrypted']);
  await registration;
  await interchange.send(...refusedMessage('version 2 is spoken here'));
  expect(await pool.ended).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/refused this pool: version 2 is spoken here/),
  });
});

test('an interchange of another version ends it with 1', async () => {
  const interchange = await listen();
  interchange.welcome = false;
  const registration = interchange.registration();
  const pool = run(['--connect', interchange.address, '--unencrypted']);
  await registration;
  await interchange.send(Buffer.from([0x50, 0x54, 99, MessageType.registered]));
  expect(await pool.ended).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/version 99/) });
});

describe('keys', () => {
  let secured: Encryption;
  beforeEach(async () => {
    secured = await encryption();
  });
  afterEach(() => secured.end());

  function keyFile(keys = secured.keys, mode = 0o600): string {
    const path = join(dir, 'keys.json');
    rmSync(path, { force: true });
    writeFileSync(path, formatPoolKeys(keys), { mode });
    return path;
  }

  test('let it in, from a file or from standard input', async () => {
    const interchange = await listen(secured.options);
    for (const [file, input] of [
      [keyFile(), ''],
      ['-', formatPoolKeys(secured.keys)],
    ] as const) {
      const registration = interchange.registration();
      const pool = run(['--connect', interchange.address, '--key-file', file], input);
      await registration;
      await interchange.shutdown();
      expect(await pool.ended).toMatchObject({ exitCode: 0, stderr: '' });
    }
  });

  test('let it in from a variable, which its workers and what they start do not have', async () => {
    const interchange = await listen(secured.options);
    const registration = interchange.registration();
    const secret = formatPoolSecret(secured.keys);
    const pool = run(['--connect', interchange.address, '--key-variable', 'THE_KEYS'], '', {
      THE_KEYS: secret,
    });
    await registration;
    const source = `import { execSync } from 'node:child_process';
      export default () => [process.env.THE_KEYS ?? 'none', execSync('env').includes('THE_KEYS')]`;
    expect(await interchange.runSource(source)).toEqual({ value: ['none', false] });
    expect(holders(pool.child.pid!, secret)).toEqual({ arguments: 0, environments: 1 });
    await interchange.shutdown();
    expect(await pool.ended).toMatchObject({ exitCode: 0, stderr: '' });
  });

  /** How many processes were started with a text in their arguments or environment: the pool and what it has started. */
  function holders(pool: number, text: string): { arguments: number; environments: number } {
    const pids = readdirSync('/proc').filter((name) => Number(name) >= pool);
    const count = (file: string) => pids.filter((pid) => read(`/proc/${pid}/${file}`).includes(text)).length;
    return { arguments: count('cmdline'), environments: count('environ') };
  }

  /** One that has ended meanwhile has nothing. */
  function read(file: string): string {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  }

  test('that are not in the variable, or are none, end it with 4 and are not repeated', async () => {
    const args = ['--connect', 'tcp://127.0.0.1:9', '--key-variable', 'THE_KEYS'];
    const absent = await run(args).ended;
    expect(absent).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/variable THE_KEYS.*is not there.*launcher/),
    });
    const none = await run(args, '', { THE_KEYS: 'something' }).ended;
    expect(none).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/THE_KEYS holds no keys/) });
    expect(none.stderr).not.toContain('something');
  });

  test.each([
    ['that are not known', () => ({ ...secured.strange }), 'does not know this pool'],
    ['of another server', () => ({ ...secured.keys, serverKey: secured.strange.publicKey }), 'breaks off'],
  ])('%s end it with 4', async (_what, keys, message) => {
    const interchange = await listen(secured.options);
    const { exitCode, stderr } = await run(['--connect', interchange.address, '--key-file', keyFile(keys())])
      .ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining(message) });
  });

  test('that are missing for an interchange that encrypts end it with 4', async () => {
    const interchange = await listen(secured.options);
    const { exitCode, stderr } = await run(['--connect', interchange.address, '--unencrypted']).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining('--key-file') });
  });

  test('for an interchange that does not encrypt end it with 4', async () => {
    const interchange = await listen();
    const { exitCode, stderr } = await run(['--connect', interchange.address, '--key-file', keyFile()]).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining('--unencrypted') });
  });

  test('neither given nor declined end it with 4', async () => {
    const { exitCode, stderr } = await run(['--connect', 'tcp://127.0.0.1:9']).ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringContaining('no keys were given'),
    });
  });

  test('that others can read, that are none, or that are not there end it with 4', async () => {
    const open = await run(['--connect', 'tcp://127.0.0.1:9', '--key-file', keyFile(secured.keys, 0o644)])
      .ended;
    expect(open).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/chmod 600/) });
    chmodSync(dir, 0o777);
    const replaceable = await run(['--connect', 'tcp://127.0.0.1:9', '--key-file', keyFile()]).ended;
    chmodSync(dir, 0o700);
    expect(replaceable).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/in place of the key file/),
    });
    const none = await run(['--connect', 'tcp://127.0.0.1:9', '--key-file', '-'], 'what?').ended;
    expect(none).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/not a key file/) });
    const absent = await run(['--connect', 'tcp://127.0.0.1:9', '--key-file', join(dir, 'no')]).ended;
    expect(absent).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/ENOENT.*shares/) });
  });
});

describe('nothing is left', () => {
  /** A pool whose only worker spins, and the worker's process id. */
  async function spinning(): Promise<{ pool: PoolProcess; worker: number }> {
    const interchange = await listen();
    const registration = interchange.registration();
    const pool = run(['--connect', interchange.address, '--unencrypted', '--log-dir', join(dir, 'logs')]);
    await registration;
    const pid = await interchange.runSource('export default () => process.pid');
    const [submission] = await interchange.submit([
      { functionIndex: await interchange.define('export default () => { for (;;); }') },
    ]);
    // The one before may be told as well, if its worker was slow.
    await expect.poll(() => interchange.started).toContain(submission);
    return { pool, worker: Number('value' in pid && pid.value) };
  }

  /** A process that has ended is listed until somebody reads its exit code, and init may take its time. */
  function isAlive(pid: number): boolean {
    try {
      return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  }
  const leftovers = () => readdirSync(dir).filter((name) => name !== 'logs');

  test('after SIGTERM, and the interchange is told', async () => {
    const { pool, worker } = await spinning();
    const goodbye = peer!.next(MessageType.goodbye);
    pool.kill('SIGTERM');
    await goodbye;
    const { exitCode, stdout } = await pool.ended;
    expect(exitCode).toBe(143);
    expect(stdout).toMatch(/registered as [0-9a-f]{12}, with 1 worker\n/);
    expect(isAlive(worker)).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  test('after SIGKILL, even though the worker never looks at its connection', async () => {
    const { pool, worker } = await spinning();
    expect(isAlive(worker)).toBe(true);
    pool.kill('SIGKILL');
    await pool.ended;
    await expect.poll(() => isAlive(worker)).toBe(false);
    await expect.poll(leftovers).toEqual([]);
  });

  test('of a worker with a SIGTERM handler of its own, after a second', async () => {
    const interchange = await listen();
    const registration = interchange.registration();
    const pool = run(['--connect', interchange.address, '--unencrypted']);
    await registration;
    const source = 'export default () => { process.on("SIGTERM", () => {}); return process.pid }';
    const outcome = await interchange.runSource(source);
    await interchange.shutdown();
    expect((await pool.ended).exitCode).toBe(0);
    expect(isAlive(Number('value' in outcome && outcome.value))).toBe(false);
  });
});

test('logs are JSON lines in the directory of the block and the pool', async () => {
  const interchange = await listen();
  const registration = interchange.registration();
  const pool = run(['--connect', interchange.address, '--unencrypted', '--block-id', '3', '--log-dir', dir]);
  await registration;
  await interchange.shutdown();
  await pool.ended;
  const block = join(dir, 'block-3');
  const [id] = readdirSync(block);
  const lines = readFileSync(join(block, id!, 'manager.log'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ level: 'info', message: 'registered', manager: id, block: '3' }),
  );
});

test('workers get cores and devices of their own', async () => {
  const interchange = await listen();
  const registration = interchange.registration();
  run([
    '--connect',
    interchange.address,
    '--unencrypted',
    '--cpu-affinity',
    'list:0',
    '--available-accelerators',
    '0,1',
  ]);
  await registration;
  const source = `import fs from 'node:fs';
    export default () => [fs.readFileSync('/proc/self/status', 'utf8').match(/Cpus_allowed_list:\\s*(\\S+)/)[1],
      process.env.OMP_NUM_THREADS, process.env.CUDA_VISIBLE_DEVICES, process.env.ZE_AFFINITY_MASK]`;
  expect(await interchange.runSource(source)).toEqual({ value: ['0', '1', '0,1', '0,1'] });
});
