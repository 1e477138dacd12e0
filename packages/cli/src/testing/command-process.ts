import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/parsl-ts.js', import.meta.url));

/** How `parsl-ts` ended, and what it printed. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `parsl-ts`, as a user starts it. */
export class CommandProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** In the environment of it and of all that it starts. */
  readonly #mark = `PARSL_TS_TEST=${randomUUID()}`;
  readonly #output = { stdout: '', stderr: '' };
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], cwd: string) {
    const [name = '', value = ''] = this.#mark.split('=');
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', [name]: value },
    });
    this.child = child;
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        this.#output[stream] += chunk.toString();
        for (const watcher of [...this.#watchers]) watcher();
      });
    }
    this.ended = new Promise((resolve) => {
      child.on('close', (exitCode, signal) => resolve({ exitCode, signal, ...this.#output }));
    });
  }

  /** Resolves to the first match in what it prints. Rejects with all of that, if it ends without. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.#output.stdout) ?? pattern.exec(this.#output.stderr);
        if (match === null) return;
        this.#watchers.delete(look);
        resolve(match);
      };
      this.#watchers.add(look);
      look();
    });
    const never = this.ended.then((ended) => Promise.reject(new Error(JSON.stringify(ended))));
    return Promise.race([found, never]);
  }

  /** It and all that it started and that runs: command lines by process id. */
  processes(): ReadonlyMap<number, string> {
    const running = new Map<number, string>();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.#mark)) continue;
        running.set(Number(pid), readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '));
      } catch {
        // It has ended meanwhile, or is somebody else's.
      }
    }
    return running;
  }

  /** Resolves when nothing of it runs any more; rejects with what does after `patienceMs`. */
  async gone(patienceMs = 30_000): Promise<void> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const left = this.processes();
      if (left.size === 0) return;
      if (performance.now() > end) throw new Error(`still running: ${[...left.values()].join('; ')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
