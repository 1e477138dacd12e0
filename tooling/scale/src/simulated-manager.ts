import {
  controlMessage,
  forEachRecord,
  isTaskCount,
  MessageType,
  preamble,
  PREAMBLE_BYTES,
  PROTOCOL_VERSION,
  readControl,
  readPreamble,
  readRefusal,
  recordMessages,
  TASK_HEAD_BYTES,
  type PackedRecord,
} from '@parsl-ts/wire';

import { noOpResult } from './no-op-result.js';
import { SimulatedWorkers } from './simulated-workers.js';

/** What a simulated manager is like. */
export interface SimulatedManagerOptions {
  readonly blockId: string;
  readonly workers: number;
  /** How long every task takes, in ms. */
  readonly answerMs: number;
  /** Each result leaves in a message of its own, instead of together with all others that are ready. */
  readonly apart: boolean;
}

/** What a worker pool asks for, by the time that its tasks take: as `@parsl-ts/worker-pool` does. */
const READY_US = 20_000;
const OVERHEAD_US = 10;
const MOST_PER_WORKER = 256;

/** Speaks a worker pool's side of the protocol for workers that do not exist. Messages and the time (ms) go in, messages come out. */
export class SimulatedManager {
  private readonly options: SimulatedManagerOptions;
  private readonly workers: SimulatedWorkers;
  private hasToldCapacity = false;
  private welcomed = false;
  private shutDown = false;

  constructor(options: SimulatedManagerOptions) {
    this.options = options;
    this.workers = new SimulatedWorkers(options.workers, options.answerMs);
  }

  /** The interchange has welcomed it. */
  get isRegistered(): boolean {
    return this.welcomed;
  }

  /** The interchange has told it to end. */
  get isShutDown(): boolean {
    return this.shutDown;
  }

  /** When {@link due} has to be called, in ms. */
  get wakeAt(): number | undefined {
    return this.workers.nextEnd;
  }

  registration(): Buffer[] {
    const { blockId, workers } = this.options;
    return [
      controlMessage(MessageType.register, {
        ...{ blockId, workers, capacity: workers, host: 'simulated', pid: process.pid },
        ...{ cores: workers, memoryGb: workers, node: process.versions.node, version: 'simulated' },
      }),
    ];
  }

  /** @throws Error when the interchange refuses or forgets it, or says what no simulated manager understands */
  take(frames: readonly Buffer[], now: number): Buffer[][] {
    const [head = Buffer.alloc(0), ...further] = frames;
    const { version, type } = readPreamble(head);
    if (type === MessageType.refused) throw new Error(`a manager was refused: ${readRefusal(frames)}`);
    if (version !== PROTOCOL_VERSION) throw new Error(`the interchange speaks version ${version}`);
    switch (type) {
      case MessageType.tasks: {
        const records: PackedRecord[] = [];
        forEachRecord(head, PREAMBLE_BYTES, TASK_HEAD_BYTES, further, (record) => records.push(record));
        this.workers.give(records, now);
        return this.due(now);
      }
      case MessageType.recall: {
        const { tasks } = readControl(head, isTaskCount);
        return recordMessages(MessageType.returned, this.workers.takeBack(tasks, now));
      }
      case MessageType.registered:
        this.welcomed = true;
        return [];
      case MessageType.shutdown:
        this.shutDown = true;
        return [[preamble(MessageType.goodbye)]];
      case MessageType.code:
      case MessageType.delivered:
      case MessageType.heartbeat:
        return [];
      default:
        throw new Error(`a manager got a message of type ${type}`);
    }
  }

  /** The results of the tasks that have ended by now. */
  due(now: number): Buffer[][] {
    const ended = this.workers.ended(now);
    if (ended.length === 0) return [];
    const runtimeUs = 1000 * this.options.answerMs;
    const results = ended.map((task) => noOpResult(task, runtimeUs));
    const batches = this.options.apart ? results.map((result) => [result]) : [results];
    const messages = batches.flatMap((batch) => recordMessages(MessageType.results, batch));
    return [...messages, ...this.capacityOnce()];
  }

  private capacityOnce(): Buffer[][] {
    if (this.hasToldCapacity) return [];
    this.hasToldCapacity = true;
    const { workers, answerMs } = this.options;
    const perWorker = 1 + Math.min(MOST_PER_WORKER, Math.floor(READY_US / (1000 * answerMs + OVERHEAD_US)));
    return [[controlMessage(MessageType.capacity, { tasks: workers * perWorker })]];
  }
}
