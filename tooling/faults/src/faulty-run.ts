import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isRunning, MARK, processesOf, type CaseProcess, type Role } from './processes.js';

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));
/** How often processes are looked at that tell nothing by themselves, in ms. */
const LOOK_MS = 25;
/** How long anything may take that has no time of its own, in ms. */
const PATIENCE_MS = 60_000;

/** How the run of a case is set up. */
export interface RunPlan {
  /** After how much silence interchange and managers give each other up, in ms. */
  readonly thresholdMs: number;
  /** Options of the executor. */
  readonly executor?: Readonly<Record<string, unknown>>;
  /** Options of the LocalProvider; without them, pools are started by hand. */
  readonly provider?: Readonly<Record<string, unknown>>;
  /** After how much idleness blocks are given back, in ms. */
  readonly maxIdleTimeMs: number;
  /** Whether blocks are only cancelled once the case lets them be. */
  readonly holdCancel: boolean;
  /** The first process of this role waits for an order before its program begins. */
  readonly holdAtStart?: Role | undefined;
  /** Bytes of a large result, if other than usual. */
  readonly resultBytes?: number;
  /** Words before the command of the submit process; gets the case's directory, below which `faulty` will be the run's. */
  readonly prefix?: (directory: string) => readonly string[];
  /** More of the environment of all processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a process is told to do to itself. */
export type Order = 'go' | 'exit' | 'throw' | 'fill-heap' | 'fill-memory' | 'block' | 'let-an-hour-pass';

/** An error of the submit process, as far as it travels. */
export interface SeenError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly exitCode?: number | null;
  readonly signal?: string | null;
}

/** What became of a task. */
export interface Settlement {
  readonly key: number;
  /** Whether its result was the right one; `undefined` when it failed. */
  readonly ok?: boolean;
  /** The worker's wall clock when it ended, in ms. */
  readonly now?: number;
  readonly error?: SeenError;
}

/** The sum that the submit process gives at its end. */
export interface Account {
  /** The tasks of the other run. */
  readonly stream: { readonly succeeded: number; readonly failed: readonly SeenError[] };
  /** How often each try of a task was answered. */
  readonly answers: readonly (readonly [string, number])[];
  readonly host: string;
}

/** A task of a case. */
export interface CaseTask {
  readonly key: number;
  readonly retries: number;
  /** Bytes of its result. */
  readonly bytes?: number;
  /** Whether it ends only when {@link FaultyRun.openGate} was called. */
  readonly gated?: boolean;
}

/** A registered pool, as the executor shows it. */
export interface SeenManager {
  readonly id: string;
  readonly pid: number;
  readonly draining: boolean;
}

/** What the submit process tells. */
type News =
  | { readonly type: 'streaming' | 'cancelling' }
  | { readonly type: 'started'; readonly line: string }
  | { readonly type: 'refused'; readonly error: SeenError }
  | ({ readonly type: 'settled' } & Settlement)
  | { readonly type: 'managers'; readonly managers: readonly SeenManager[] }
  | { readonly type: 'closed'; readonly ms: number; readonly error?: SeenError }
  | ({ readonly type: 'account' } & Account);

/** The processes of one case, from the start of its submit process until nothing of them is left. */
export class FaultyRun implements AsyncDisposable {
  readonly mark = randomUUID();
  readonly directory = mkdtempSync(join(tmpdir(), 'fault-'));
  /** The directory for temporary files of all processes. */
  readonly temporary = join(this.directory, 'tmp');
  readonly child: ChildProcess;
  /** How the submit process ended, once it has. */
  end: { readonly code: number | null; readonly signal: string | null } | undefined;
  readonly settled = new Map<number, Settlement>();
  /** The kinds of news that have come. */
  readonly heard = new Set<string>();
  managers: readonly SeenManager[] = [];
  /** Line of `sh` that starts a pool by hand. */
  line = '';
  /** Called when the faulty run has started. */
  onStarted: ((run: FaultyRun) => void) | undefined;
  /** Whether the run is to end. */
  isEnding = false;
  /** Why the faulty run did not start. */
  refusal: SeenError | undefined;
  /** How long closing took, in ms, and what was wrong with it. */
  closing: { readonly ms: number; readonly error?: SeenError } | undefined;
  account: Account | undefined;
  output = '';
  private readonly orders = join(this.directory, 'orders');
  private readonly notes = {
    faulty: join(this.directory, 'notes'),
    other: join(this.directory, 'other-notes'),
  };
  readonly plan: RunPlan;
  private waiting: number | undefined;

  constructor(plan: RunPlan) {
    this.plan = plan;
    for (const each of [this.orders, this.temporary, ...Object.values(this.notes)]) mkdirSync(each);
    const obedient = `--import ${join(FIXTURES, 'obey-orders.mjs')}`;
    const node = join(this.orders, 'node');
    writeFileSync(
      node,
      `#!/bin/sh\nulimit -c 0\nexec ${process.execPath} --max-old-space-size=96 ${obedient} "$@"\n`,
    );
    chmodSync(node, 0o700);
    if (plan.holdAtStart !== undefined) writeFileSync(join(this.orders, `start-${plan.holdAtStart}`), '');
    const { directory, notes } = this;
    const words = [
      ...(plan.prefix?.(directory) ?? []),
      node,
      join(FIXTURES, 'submit-process.mjs'),
      JSON.stringify({ ...plan, directory, notes }),
    ];
    this.child = spawn(words[0] ?? '', words.slice(1), {
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.child.once('exit', (code, signal) => (this.end = { code, signal }));
    this.child.on('message', (message) => this.onNews(message as News));
    // Whoever gives orders to a process that has been killed finds out by looking at it.
    this.child.on('error', (error) => (this.output += String(error)));
  }

  environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return {
      PATH,
      HOME,
      TMPDIR: this.temporary,
      [MARK]: this.mark,
      PARSL_FAULT_ORDERS: this.orders,
      ...this.plan.environment,
    };
  }

  /** Starts the faulty run, once the other one works. */
  async start(): Promise<void> {
    await this.until('the other run works', () => this.heard.has('streaming'));
    this.tell('start');
  }

  /** Starts the faulty run and waits until it has its pool. */
  async ready(): Promise<void> {
    await this.start();
    await this.until('the run has started', () => this.heard.has('started'));
  }

  /** Closes the run. */
  close(): void {
    this.isEnding = true;
    this.tell('close');
  }

  tell(order: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.child.connected) this.child.send({ order, ...fields }, () => undefined);
  }

  submit({ key, retries, bytes = 10, gated = false }: CaseTask): void {
    this.tell('task', { key, retries, bytes, ...(gated ? { gate: this.gate } : {}) });
  }

  /** Lets gated tasks end. */
  openGate(): void {
    writeFileSync(this.gate, '');
  }

  /** Keys of tasks, once for each time that one has started. */
  starts(): number[] {
    return this.noted('starts');
  }

  /** The worker that has started a task. */
  startedBy(key: number): number | undefined {
    const files = readdirSync(this.notes.faulty).filter((name) => name.startsWith('starts-'));
    const file = files.find((name) => this.linesOf(name).includes(key));
    return file === undefined ? undefined : Number(file.slice('starts-'.length));
  }

  /** Keys of tasks, once for each time that one has ended. */
  ends(): number[] {
    return this.noted('ends');
  }

  /** Processes of the faulty run. */
  find(role: Role): CaseProcess[] {
    return processesOf(this.mark).filter((each) => each.faulty && each.role === role);
  }

  /** The processes of a role, as soon as there are so many. */
  async found(role: Role, count = 1): Promise<CaseProcess[]> {
    let found: CaseProcess[] = [];
    await this.until(`${count} of ${role} run`, () => (found = this.find(role)).length >= count);
    return found;
  }

  /** The process that waits for an order at its start. */
  async held(role: Role): Promise<number> {
    const file = join(this.orders, `held-${role}`);
    await this.until(`${role} is held at its start`, () => existsSync(file));
    this.waiting = Number(readFileSync(file, 'utf8'));
    return this.waiting;
  }

  /** Whether a process waits for an order at its start. */
  isWaiting(pid: number): boolean {
    return this.waiting === pid;
  }

  /** Makes a process do something to itself. */
  order(pid: number, order: Order): void {
    const file = join(this.orders, `order-${pid}`);
    writeFileSync(`${file}.new`, order);
    renameSync(`${file}.new`, file);
    if (this.isWaiting(pid)) this.waiting = undefined;
    else signal(pid, 'SIGUSR2');
  }

  /** Lets a process go on that was ordered to block. */
  release(pid: number): void {
    writeFileSync(join(this.orders, `release-${pid}`), '');
  }

  /** Names of temporary files. */
  temporaryFiles(): string[] {
    return readdirSync(this.temporary).filter((name) => name !== 'node-compile-cache');
  }

  /** Whether a process has begun to do what it was ordered to. */
  hasObeyed(pid: number): boolean {
    return !existsSync(join(this.orders, `order-${pid}`));
  }

  /** Waits for something; fails with what it has waited for. */
  async until(what: string, isTrue: () => boolean, patienceMs = PATIENCE_MS): Promise<number> {
    const start = performance.now();
    while (!isTrue()) {
      if (performance.now() - start > patienceMs) {
        throw new Error(`waited ${patienceMs} ms in vain until ${what}; ${this.describe()}`);
      }
      await setTimeout(LOOK_MS);
    }
    return performance.now() - start;
  }

  /** What there is to know when something goes wrong. */
  describe(): string {
    const processes = processesOf(this.mark).map(
      ({ pid, role, faulty, commandLine }) =>
        `${pid} ${faulty ? 'faulty' : 'other'} ${role}: ${commandLine.slice(0, 150)}`,
    );
    const settled = [...this.settled.values()].map((each) => JSON.stringify(each));
    return [
      `settled: ${settled.join(', ')}`,
      `starts: ${this.starts().join(' ')}; ends: ${this.ends().join(' ')}`,
      `heard: ${[...this.heard].join(' ')}; refused: ${JSON.stringify(this.refusal)}`,
      `submit process: ${JSON.stringify(this.end)}; account: ${JSON.stringify(this.account)}`,
      ...processes,
      this.output,
    ].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isEnding = true;
    for (const { pid } of processesOf(this.mark)) signal(pid, 'SIGKILL');
    await this.until('all is gone', () => this.end !== undefined && processesOf(this.mark).length === 0);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get gate(): string {
    return join(this.directory, 'gate');
  }

  private noted(what: 'starts' | 'ends'): number[] {
    if (!existsSync(this.notes.faulty)) return [];
    const files = readdirSync(this.notes.faulty).filter((name) => name.startsWith(what));
    return files.flatMap((name) => this.linesOf(name));
  }

  private linesOf(name: string): number[] {
    const lines = readFileSync(join(this.notes.faulty, name), 'utf8').trim();
    return lines === '' ? [] : lines.split('\n').map(Number);
  }

  private onNews(news: News): void {
    this.heard.add(news.type);
    switch (news.type) {
      case 'started':
        this.line = news.line;
        this.onStarted?.(this);
        return;
      case 'refused':
        this.refusal = news.error;
        return;
      case 'settled':
        this.settled.set(news.key, news);
        return;
      case 'managers':
        this.managers = news.managers;
        return;
      case 'closed':
        this.closing = news;
        return;
      case 'account':
        this.account = news;
        return;
      case 'streaming':
      case 'cancelling':
        return;
    }
  }
}

/** Sends a signal to a process, or, with a negative number, to a group of processes, if it is still there. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

/** Waits until none of these processes runs. */
export async function gone(run: FaultyRun, pids: readonly number[], withinMs: number): Promise<void> {
  await run.until(`these have ended: ${pids.join(' ')}`, () => !pids.some(isRunning), withinMs);
}
