import { Codec, ResultStatus, taskField, writeResult, type PackedRecord } from '@parsl-ts/wire';

/** The head of a MessagePack array of one element. */
const ARRAY_OF_ONE = 0x91;

/**
 * The result of a function that returns its only argument: what follows the head of the argument list.
 *
 * @throws Error when the task has other arguments
 */
export function noOpResult(task: PackedRecord, runtimeUs: number): PackedRecord {
  const { codec, bytes } = taskField.args(task);
  if (codec !== Codec.msgpack || bytes[0] !== ARRAY_OF_ONE) {
    throw new Error('a simulated worker runs only functions that return their one argument');
  }
  return writeResult(taskField.submission(task), ResultStatus.succeeded, runtimeUs, {
    codec,
    bytes: bytes.subarray(1),
  });
}
