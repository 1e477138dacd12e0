import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { endGroupsNow, ProcessGroup } from './process-group.js';

const started: ChildProcess[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const { pid } of started.splice(0)) {
    try {
      process.kill(-(pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
});

/** Starts a script that leads a process group; resolves with its first line of output. */
async function start(script: string): Promise<{ child: ChildProcess; group: ProcessGroup; line: string }> {
  const child = spawn('bash', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, group: new ProcessGroup(child), line };
}

describe('ProcessGroup', () => {
  test('end lets the group end by itself', async () => {
    const { child, group } = await start("trap 'exit 5' TERM; echo up; while :; do sleep 0.02; done");
    expect(group.isRunning()).toBe(true);
    await group.end(10_000);
    expect(group.isRunning()).toBe(false);
    expect(child.exitCode).toBe(5);
    expect(group.signal('SIGTERM')).toBe(false);
  });

  test('end kills what does not end, the leader’s children too', async () => {
    const { child, group, line } = await start(
      "trap '' TERM; sleep 60 & echo $!; while :; do sleep 0.02; done",
    );
    await group.end(100);
    expect(child.signalCode).toBe('SIGKILL');
    expect(group.isRunning()).toBe(false);
    expect(line).toMatch(/^\d+$/);
  });

  test('what the leader left behind is still its group', async () => {
    const { child, group } = await start('sleep 60 & echo $!');
    if (child.exitCode === null) {
      await once(child, 'exit');
    }
    expect(group.isRunning()).toBe(true);
    await group.end(1000);
    expect(group.isRunning()).toBe(false);
  });

  test('once it is over, no signal is sent to its number again: somebody else may have it', async () => {
    const { child, group } = await start('echo up');
    if (child.exitCode === null) {
      await once(child, 'exit');
    }
    expect(group.isRunning()).toBe(false);
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    expect(group.signal('SIGKILL')).toBe(false);
    await group.end(10);
    endGroupsNow([group], 10);
    expect(kill).not.toHaveBeenCalled();
  });

  test('a process that has the number after the leader’s end is a stranger', async () => {
    const { child, group } = await start('sleep 60 & echo $!');
    if (child.exitCode === null) {
      await once(child, 'exit');
    }
    const real = process.kill.bind(process);
    const sent: unknown[] = [];
    // The system says that the leader's number is in use again.
    vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
      if (signal !== 0) {
        sent.push(signal);
      }
      return pid === child.pid ? true : real(pid, signal);
    });
    expect(group.signal('SIGTERM')).toBe(false);
    expect(sent).toEqual([]);
  });

  test('endGroupsNow ends groups before it returns, those that ignore SIGTERM at last', async () => {
    const [mild, stubborn] = await Promise.all([
      start('echo up; exec sleep 60'),
      start("trap '' TERM; echo up; while :; do sleep 0.02; done"),
    ]);
    const before = performance.now();
    endGroupsNow([mild.group, stubborn.group], 1000);
    expect(performance.now() - before).toBeLessThan(30_000);
    for (const { child } of [mild, stubborn]) {
      if (child.signalCode === null) {
        await once(child, 'exit');
      }
    }
    expect([mild.child.signalCode, stubborn.child.signalCode]).toEqual(['SIGTERM', 'SIGKILL']);
  });
});
