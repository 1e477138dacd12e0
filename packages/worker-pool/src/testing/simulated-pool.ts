import {
  decodeError,
  encodeValue,
  resultField,
  ResultStatus,
  taskField,
  writeTask,
  type PackedRecord,
} from '@parsl-ts/wire';

import { Manager } from '../manager/manager.js';
import { type Instruction, type ManagerEvent } from '../manager/protocol.js';
import { SimulatedWorker } from './simulated-worker.js';

const NO_ARGS = encodeValue([], 'args');

/** How a simulated task behaves. */
export interface SimulatedTask {
  readonly functionIndex?: number;
  readonly durationMs?: number;
  readonly timeoutMs?: number;
  readonly priority?: number;
}

/** A manager with simulated workers in simulated time. Checks after every step what must always hold. */
export class SimulatedPool {
  readonly manager: Manager;
  now = 0;
  /** What became of each submission. */
  readonly answers = new Map<number, 'succeeded' | 'failed'>();
  /** Messages of what failed. */
  readonly errors: string[] = [];
  readonly returned = new Set<number>();
  private readonly startedOnes = new Set<number>();
  /** Those that were reported as running. */
  readonly told: number[] = [];
  readonly instructions: Instruction[] = [];
  readonly workers: (SimulatedWorker | undefined)[];
  private readonly durations = new Map<number, number>();
  private readonly given = new Set<number>();
  private readonly starts: { readonly rank: number; readonly at: number }[] = [];
  private nextSubmission = 1;

  constructor(workers: number, prefetchCapacity?: number, endAt = Infinity) {
    this.manager = new Manager({ id: 'm', host: 'h', blockId: 'b', workers, prefetchCapacity, endAt });
    this.workers = Array.from({ length: workers }, () => this.newWorker());
  }

  submit(tasks: readonly SimulatedTask[]): number[] {
    const submissions = tasks.map((task) => {
      const submission = this.nextSubmission++;
      this.durations.set(submission, task.durationMs ?? 0.01);
      this.given.add(submission);
      return submission;
    });
    const records = tasks.map((task, index) =>
      writeTask({
        submission: submissions[index]!,
        taskId: index,
        attempt: 0,
        functionIndex: task.functionIndex ?? 0,
        timeoutMs: task.timeoutMs ?? 0,
        priority: task.priority ?? Infinity,
        options: undefined,
        args: NO_ARGS,
      }),
    );
    this.handle({ type: 'tasks', records });
    return submissions;
  }

  /** Lets time pass, in steps; what workers write is read when it is written. */
  advance(ms: number, stepMs = 0.5): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now = Math.min(end, this.now + stepMs);
      for (const worker of this.workers) worker?.advance(this.now);
      this.readAll();
      this.startDue();
      if (this.manager.wakeAt <= this.now) this.handle({ type: 'wake', readAt: this.now });
    }
  }

  /** Reads what a worker has written so far, or only the first `count` pieces of it. */
  read(rank: number, count = Infinity): void {
    const worker = this.workers[rank];
    for (let left = count; left > 0; left--) {
      const written = worker?.unread.shift();
      if (written === undefined) return;
      if (written.type === 'ready') this.handle({ type: 'ready', rank });
      else if (written.type === 'dropped')
        this.handle({ type: 'dropped', rank, leaseUntil: written.leaseUntil });
      else this.handle({ type: 'results', rank, records: [written.record] });
    }
  }

  readAll(): void {
    for (const rank of this.workers.keys()) this.read(rank);
  }

  /** A worker process dies; its unread output is read, as in the real thing. */
  die(rank: number, signal: string | null = 'SIGKILL'): void {
    const worker = this.workers[rank];
    if (worker === undefined) return;
    worker.alive = false;
    this.read(rank);
    this.workers[rank] = undefined;
    const begun = worker.begun;
    this.handle({
      type: 'exited',
      rank,
      begun,
      end: { exitCode: signal === null ? 1 : null, signal },
      hint: '',
    });
  }

  handle(event: ManagerEvent): void {
    for (const instruction of this.manager.handle(event, this.now)) {
      this.instructions.push(instruction);
      this.obey(instruction);
    }
    this.check();
  }

  /** Everything that a worker has started, in that order. */
  get started(): number[] {
    return [...this.startedOnes];
  }

  /** Everything that was submitted and neither answered nor handed back. */
  get open(): number[] {
    return [...this.given].filter(
      (submission) => !this.answers.has(submission) && !this.returned.has(submission),
    );
  }

  private obey(instruction: Instruction): void {
    switch (instruction.type) {
      case 'run':
        return this.workers[instruction.rank]?.give(instruction.records, instruction.leaseUntil);
      case 'report':
        for (const record of instruction.records) this.answered(record);
        return;
      case 'tell':
        return void this.told.push(resultField.submission(instruction.record));
      case 'return':
        for (const record of instruction.records) this.handedBack(taskField.submission(record));
        return;
      case 'kill':
        return this.die(instruction.rank);
      case 'start':
        this.starts.push({ rank: instruction.rank, at: this.now + instruction.afterMs });
        return;
      default:
        return;
    }
  }

  /** Starts what takes the place of workers that have died; they do nothing yet. */
  replaceDead(): void {
    this.startDue();
    this.readAll();
  }

  private startDue(): void {
    for (const start of this.starts.splice(0)) {
      if (start.at > this.now) this.starts.push(start);
      else this.workers[start.rank] = this.newWorker();
    }
  }

  private newWorker(): SimulatedWorker {
    return new SimulatedWorker(
      (submission) => this.durations.get(submission) ?? 0,
      (submission) => this.startedOne(submission),
    );
  }

  private startedOne(submission: number): void {
    if (this.startedOnes.has(submission)) throw new Error(`${submission} was started twice`);
    if (this.returned.has(submission)) throw new Error(`${submission} was started after it was handed back`);
    if (this.answers.has(submission)) throw new Error(`${submission} was started after it was answered`);
    this.startedOnes.add(submission);
  }

  private answered(record: PackedRecord): void {
    const submission = resultField.submission(record);
    if (this.answers.has(submission)) throw new Error(`${submission} was answered twice`);
    if (this.returned.has(submission)) throw new Error(`${submission} was answered after it was handed back`);
    const hasSucceeded = resultField.status(record) === ResultStatus.succeeded;
    this.answers.set(submission, hasSucceeded ? 'succeeded' : 'failed');
    if (hasSucceeded) return;
    const { codec, bytes } = resultField.payload(record);
    this.errors.push(String(decodeError(codec, bytes)));
  }

  private handedBack(submission: number): void {
    if (this.startedOnes.has(submission)) throw new Error(`${submission} was handed back after its start`);
    if (this.answers.has(submission)) throw new Error(`${submission} was handed back after its answer`);
    this.returned.add(submission);
  }

  private check(): void {
    const open = this.given.size - this.answers.size - this.returned.size;
    if (this.manager.held !== open) throw new Error(`holds ${this.manager.held} tasks, and ${open} are open`);
  }
}
