export { ParslError, type ParslErrorOptions } from './parsl-error.js';
export { DeserializationError, ProtocolError, SerializationError } from './wire-error.js';
export {
  AppTimeoutError,
  ManagerLost,
  OutputFileError,
  ThrownValueError,
  WalltimeTooShortError,
  WorkerLost,
  type JobEnd,
  type LostManager,
  type ProcessEnd,
  type WorkerPlace,
} from './task-error.js';
export { LIMITS, MessageType, PREAMBLE_BYTES, PROTOCOL_VERSION } from './protocol.js';
export { inspectValue, type ValueShape } from './encodable.js';
export {
  Codec,
  decodeValue,
  encodeValue,
  packControl,
  unpackControl,
  type EncodedValue,
} from './value-codec.js';
export { decodeError, encodeError } from './error-codec.js';
export {
  attachPayload,
  attachPayloads,
  detachPayload,
  forEachRecord,
  joinRecords,
  recordLength,
  renumber,
  type PackedRecord,
} from './record.js';
export { TASK_HEAD_BYTES, taskField, writeTask, type TaskOptions, type TaskToSend } from './task-record.js';
export {
  NO_FUNCTION,
  RESULT_HEAD_BYTES,
  ResultStatus,
  resultField,
  writeResult,
  type StartedAt,
} from './result-record.js';
export {
  formatPoolKeys,
  formatPoolSecret,
  parsePoolKeys,
  parsePoolSecret,
  type PoolKeys,
} from './pool-keys.js';
export { FileNotPrivateError, readPrivateFile } from './private-file.js';
export { FrameBuffer, readInto, type ReadInto } from './frame-buffer.js';
export { StreamFrameReader, streamFrame } from './stream-frame.js';
export { controlMessage, preamble, readBody, readControl, readPreamble, type Preamble } from './message.js';
export {
  cancelMessages,
  codeMessage,
  isCancellation,
  isDelivered,
  isQuestion,
  isRegistered,
  isRegistration,
  isStartedAt,
  isTaskCount,
  readCode,
  readRefusal,
  refusedMessage,
  type Cancellation,
  type CodeAnnouncement,
  type Delivered,
  type Question,
  type Registered,
  type Registration,
  type TaskCount,
} from './control.js';
export { recordMessages } from './record-messages.js';
export { readRegister, registerMessage, type HeldSubmission, type Holdings } from './holdings.js';
export { openMemoryFile } from './memory-file.js';
export { captureOutput } from './output-capture.js';
export { plainEnvironment } from './plain-environment.js';
export { isPrintable, printable } from './printable.js';
export { PriorityQueue } from './priority-queue.js';
export {
  FromWorker,
  ToWorker,
  type AbortTask,
  type FunctionFile,
  type WorkerSetup,
} from './worker-protocol.js';
export { workerCount, type WorkerDemand } from './worker-count.js';
