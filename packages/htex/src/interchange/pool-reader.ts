import {
  forEachRecord,
  isTaskCount,
  MessageType,
  PREAMBLE_BYTES,
  PROTOCOL_VERSION,
  ProtocolError,
  readControl,
  readPreamble,
  readRegister,
  RESULT_HEAD_BYTES,
  TASK_HEAD_BYTES,
  type PackedRecord,
} from '@parsl-ts/wire';

import type { InterchangeState } from './interchange-state.js';

/** Pools' names stand in logs and errors. ZeroMQ lets them have any bytes. */
const POOL_ID = /^[\x21-\x7e]+$/;

/** Reads messages of pools and tells the state what they say. */
export class PoolReader {
  private readonly state: InterchangeState;
  private readonly refuse: (id: string, reason: string) => void;

  /** @param refuse tells a pool that it is not welcome */
  constructor(state: InterchangeState, refuse: (id: string, reason: string) => void) {
    this.state = state;
    this.refuse = refuse;
  }

  /** @throws ProtocolError when the message makes no sense; nothing has changed then. */
  read(id: string, frames: readonly Buffer[], now: number): void {
    const [head = Buffer.alloc(0), ...further] = frames;
    const { version, type } = readPreamble(head);
    if (version !== PROTOCOL_VERSION) {
      this.refuse(
        id,
        `this worker pool speaks version ${version} of the protocol and the interchange ${PROTOCOL_VERSION}; ` +
          'install the same version of @parsl-ts/worker-pool on the nodes as of @parsl-ts/htex on the submit host',
      );
      return;
    }
    if (type === MessageType.disconnected) return this.state.disconnected(id, now);
    if (type === MessageType.register) return this.register(id, frames, now);
    if (type === MessageType.goodbye) return this.state.goodbye(id);
    if (this.state.heard(id, now)) this.readFromKnown(id, type, head, further, now);
  }

  private register(id: string, frames: readonly Buffer[], now: number): void {
    try {
      if (!POOL_ID.test(id)) throw new ProtocolError('the name of the pool is not printable');
      const { registration, holdings } = readRegister(frames);
      this.state.register(id, registration, now, holdings);
    } catch (error) {
      this.refuse(id, 'the registration is malformed');
      throw error;
    }
  }

  private readFromKnown(id: string, type: number, head: Buffer, further: Buffer[], now: number): void {
    switch (type) {
      case MessageType.results:
        return forEachRecord(head, PREAMBLE_BYTES, RESULT_HEAD_BYTES, further, (record) =>
          this.state.addResult(id, record),
        );
      case MessageType.returned: {
        const records: PackedRecord[] = [];
        forEachRecord(head, PREAMBLE_BYTES, TASK_HEAD_BYTES, further, (record) => records.push(record));
        return this.state.takeBack(id, records, now);
      }
      case MessageType.capacity:
        return this.state.setCapacity(id, readControl(head, isTaskCount).tasks);
      case MessageType.drain:
        return this.state.drain(id);
      case MessageType.reconnected:
        return this.state.reconnected(id, now);
    }
  }
}
