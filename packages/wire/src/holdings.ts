import { type Registration, isRegistration } from './control.js';
import { fromFrames, toFrames } from './long-frames.js';
import { controlMessage, readBody, readControl } from './message.js';
import { LIMITS, MessageType } from './protocol.js';
import { packControl } from './value-codec.js';
import { ProtocolError } from './wire-error.js';

/** A task that a manager holds, or whose result it does not know to have been delivered. */
export interface HeldSubmission {
  readonly submission: number;
  /** Of the kernel: the same for all tries of a task. */
  readonly taskId: number;
}

/**
 * What a manager has when it registers anew: its second frame is the first three fields, those after it are the tasks, two
 * f64 each.
 */
export interface Holdings {
  /** The question that it answers: see `Question`. */
  readonly asked: number;
  /** The run that it belongs to. */
  readonly runId: string;
  /** How many of its results it knows to be with the submit process. Those after them follow again. */
  readonly delivered: number;
  readonly tasks: readonly HeldSubmission[];
}

const TASK_BYTES = 16;

/** The frames of a `register` message; with `holdings` when the manager registers anew. */
export function registerMessage(registration: Registration, holdings?: Holdings): Buffer[] {
  const head = controlMessage(MessageType.register, registration);
  if (holdings === undefined) return [head];
  const { tasks, ...said } = holdings;
  const packed = Buffer.allocUnsafe(tasks.length * TASK_BYTES);
  for (const [index, { submission, taskId }] of tasks.entries()) {
    packed.writeDoubleLE(submission, index * TASK_BYTES);
    packed.writeDoubleLE(taskId, index * TASK_BYTES + 8);
  }
  return [head, packControl(said), ...toFrames(packed)];
}

/** @throws ProtocolError when the frames are not a `register` message or too large. */
export function readRegister(frames: readonly Buffer[]): {
  registration: Registration;
  /** `undefined`: the manager is new, or only says what it can hold. */
  holdings: Holdings | undefined;
} {
  const [head, said, ...further] = frames;
  if (head === undefined) throw new ProtocolError('a register message has a frame');
  const registration = readControl(head, isRegistration);
  if (said === undefined) return { registration, holdings: undefined };
  const [packed, another] = fromFrames(further, LIMITS.holdings * TASK_BYTES);
  if (packed === undefined || another !== undefined) {
    throw new ProtocolError('a register message that says what a manager holds lists it once');
  }
  const { asked, runId, delivered } = readBody(said, isSaid);
  return { registration, holdings: { asked, runId, delivered, tasks: readTasks(packed) } };
}

function isSaid(value: unknown): value is Omit<Holdings, 'tasks'> {
  if (typeof value !== 'object' || value === null) return false;
  const runId: unknown = Reflect.get(value, 'runId');
  const counts: unknown[] = [Reflect.get(value, 'asked'), Reflect.get(value, 'delivered')];
  return (
    typeof runId === 'string' &&
    runId.length <= 4096 &&
    counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0)
  );
}

function readTasks(packed: Buffer): HeldSubmission[] {
  if (packed.length % TASK_BYTES !== 0) {
    throw new ProtocolError('the tasks that a manager holds are not of their form');
  }
  return Array.from({ length: packed.length / TASK_BYTES }, (_, index) => ({
    submission: packed.readDoubleLE(index * TASK_BYTES),
    taskId: packed.readDoubleLE(index * TASK_BYTES + 8),
  }));
}
