import { controlMessage, readControl } from './message.js';
import { isPrintable } from './printable.js';
import { LIMITS, MessageType } from './protocol.js';
import type { StartedAt } from './result-record.js';
import { ProtocolError } from './wire-error.js';

/** A manager introduces itself. */
export interface Registration {
  /** Block that the pool belongs to; any text for a pool started by hand. */
  readonly blockId: string;
  readonly host: string;
  readonly pid: number;
  /** Workers of the pool, at least 1. */
  readonly workers: number;
  /** Tasks it wants to hold at once, running ones included. At least `workers`. */
  readonly capacity: number;
  /** Cores that it found. */
  readonly cores: number;
  /** Memory that it found, in GB. */
  readonly memoryGb: number;
  /** Version of Node.js. */
  readonly node: string;
  /** Version of `@parsl-ts/worker-pool`. */
  readonly version: string;
  /** For how long it will be there at most, in ms from now on; left out if nothing ends it. */
  readonly endsInMs?: number;
  /** Its log, on its host; left out if it has none. */
  readonly logFile?: string;
}

/** The interchange's welcome. */
export interface Registered {
  /** Identifies the run, for logs. */
  readonly runId: string;
}

/** That the interchange wants to know what a manager holds. */
export interface Question {
  /** Its number: greater than those of its earlier ones, and as good as never one of another interchange's. */
  readonly asked: number;
}

/** A function, before its first task. Its source is the second frame of the message. */
export interface CodeAnnouncement {
  /** By which task records name it. */
  readonly index: number;
  /** Lower-case hex SHA-256 of the source. */
  readonly id: string;
  /** Name of the app, for messages. */
  readonly name: string;
  /** Position of the argument that takes a `TaskContext`, or -1. */
  readonly contextIndex: number;
}

/** Submissions to be dropped if they wait and stopped if they run. */
export interface Cancellation {
  readonly submissions: readonly number[];
  /** Why, for the function's signal. */
  readonly reason: string;
}

/** That results of a manager are with the submit process. */
export interface Delivered {
  /** How many of its results have come, counted from the first one. */
  readonly results: number;
  /**
   * The submission of the last of them, as the manager knows it. If that is another one there, results were lost on the way
   * while later ones have come: then nothing is known of them.
   */
  readonly last: number;
}

/** A number of tasks. */
export interface TaskCount {
  readonly tasks: number;
}

/** Longer texts are refused; what may be long loses its end before it is sent. In UTF-16 units. */
const MAX_TEXT = 4096;

/** More arguments than any function has: a worker makes the missing ones, up to the one that takes the context. */
const MAX_ARGUMENTS = 2 ** 16;

type Fields<T> = { readonly [K in keyof T]-?: (value: unknown) => boolean };

function isOf<T extends object>(fields: Fields<T>): (value: unknown) => value is T {
  const entries = Object.entries<(value: unknown) => boolean>(fields);
  return (value): value is T =>
    typeof value === 'object' &&
    value !== null &&
    entries.every(([key, test]) => test(Reflect.get(value, key)));
}

/** For logs, errors and terminals: short, so that the news of many pools fit into one message, and on one line. */
const label = (maxBytes: number) => (value: unknown) =>
  typeof value === 'string' &&
  value.length <= maxBytes &&
  Buffer.byteLength(value) <= maxBytes &&
  isPrintable(value);
const text = (value: unknown) => typeof value === 'string' && value.length <= MAX_TEXT;
const count = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const positive = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1;
const amount = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value >= 0;

export const isRegistration = isOf<Registration>({
  blockId: label(255),
  host: label(255),
  pid: count,
  workers: positive,
  capacity: positive,
  cores: amount,
  memoryGb: amount,
  node: label(64),
  version: label(64),
  endsInMs: (value) => value === undefined || amount(value),
  logFile: (value) => value === undefined || text(value),
});

export const isStartedAt = isOf<StartedAt>({ worker: label(255), host: label(255) });

export const isRegistered = isOf<Registered>({ runId: text });

export const isQuestion = isOf<Question>({ asked: count });

export const isCodeAnnouncement = isOf<CodeAnnouncement>({
  index: count,
  id: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  name: text,
  contextIndex: (value) =>
    Number.isSafeInteger(value) && Number(value) >= -1 && Number(value) < MAX_ARGUMENTS,
});

export const isCancellation = isOf<Cancellation>({
  submissions: (value) =>
    Array.isArray(value) &&
    value.length <= LIMITS.recordsPerMessage &&
    value.every((item) => typeof item === 'number' && count(item)),
  reason: (value) => typeof value === 'string',
});

export const isDelivered = isOf<Delivered>({ results: count, last: count });

export const isTaskCount = isOf<TaskCount>({ tasks: count });

/** As many `cancel` messages as it takes for all submissions, each within the limits. */
export function cancelMessages(submissions: readonly number[], reason: string): Buffer[] {
  const messages: Buffer[] = [];
  for (let start = 0; start < submissions.length; start += LIMITS.recordsPerMessage) {
    const some = submissions.slice(start, start + LIMITS.recordsPerMessage);
    messages.push(
      controlMessage(MessageType.cancel, { submissions: some, reason: reason.slice(0, MAX_TEXT) }),
    );
  }
  return messages;
}

/** The frames of a `code` message. A long name loses its end. */
export function codeMessage(announcement: CodeAnnouncement, source: Buffer): Buffer[] {
  const name = announcement.name.slice(0, MAX_TEXT);
  return [controlMessage(MessageType.code, { ...announcement, name }), source];
}

/** @throws ProtocolError when the frames are not a `code` message or too large. */
export function readCode(frames: readonly Buffer[]): { announcement: CodeAnnouncement; source: Buffer } {
  const [head, source] = frames;
  if (head === undefined || source === undefined || frames.length !== 2) {
    throw new ProtocolError('a code message has two frames');
  }
  if (source.length > LIMITS.codeBytes) throw new ProtocolError('code bundle too large');
  return { announcement: readControl(head, isCodeAnnouncement), source };
}

/** The frames of a `refused` message. Its form is the same in all versions of the protocol. */
export function refusedMessage(reason: string): Buffer[] {
  return [controlMessage(MessageType.refused), Buffer.from(reason.slice(0, MAX_TEXT), 'utf8')];
}

/** The reason given in a `refused` message of any version. */
export function readRefusal(frames: readonly Buffer[]): string {
  return frames[1]?.subarray(0, MAX_TEXT).toString('utf8') ?? 'no reason given';
}
