import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { cpuMs, descendantsOf, residentBytes } from './process-table.js';

describe.skipIf(process.platform !== 'linux')('what /proc says (Linux only)', () => {
  it('finds children and grandchildren, and what they use', async () => {
    const program = `
      const { spawn } = require('node:child_process');
      spawn('sleep', ['60']);
      while (process.cpuUsage().user < 200_000);
      console.log('used some');
      process.stdin.resume().on('end', () => process.exit());`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const pid = child.pid ?? 0;
    await once(child.stdout, 'data');
    const found = descendantsOf(process.pid).filter((entry) => entry.pid === pid || entry.parent === pid);
    expect(found.map(({ command }) => command.split(' ').at(-1)?.trim())).toEqual([expect.any(String), '60']);
    expect(cpuMs(pid)).toBeGreaterThan(190);
    expect(residentBytes(pid)).toBeGreaterThan(10_000_000);

    for (const { pid: grandchild } of descendantsOf(pid)) process.kill(grandchild);
    child.stdin.end();
    await once(child, 'exit');
    expect(cpuMs(pid)).toBeUndefined();
    expect(residentBytes(pid)).toBeUndefined();
    expect(descendantsOf(pid)).toEqual([]);
  });
});
