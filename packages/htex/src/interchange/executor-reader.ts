import { performance } from 'node:perf_hooks';

import {
  detachPayload,
  forEachRecord,
  LIMITS,
  recordLength,
  TASK_HEAD_BYTES,
  taskField,
  type Cancellation,
  type PackedRecord,
} from '@parsl-ts/wire';

import { readTrusted } from '../link/frame-link.js';
import { readSubmissions } from '../link/submissions.js';
import { ToInterchange, type HoldRequest, type PoolJoined } from '../link/link-protocol.js';
import type { InterchangeState } from './interchange-state.js';

/** What the submit process asks for beyond what the state does by itself. */
export interface ExecutorRequests {
  /** The managers are on hold; `request` is to be confirmed. */
  onHeld(request: number): void;
  onClose(): void;
}

/** Reads frames of the submit process and tells the state what they say. */
export class ExecutorReader {
  private readonly state: InterchangeState;
  private readonly requests: ExecutorRequests;

  constructor(state: InterchangeState, requests: ExecutorRequests) {
    this.state = state;
    this.requests = requests;
  }

  read(type: number, body: Buffer): void {
    switch (type) {
      case ToInterchange.tasks:
        return forEachRecord(body, 0, TASK_HEAD_BYTES, [], this.addTask);
      case ToInterchange.code: {
        const head = 8 + body.readUInt32LE(4);
        return this.state.addCode(body.readUInt32LE(0), [body.subarray(8, head), body.subarray(head)]);
      }
      case ToInterchange.cancel:
        return this.state.cancel(readTrusted<readonly Cancellation[]>(body));
      case ToInterchange.hold: {
        const { request, managers, blocks } = readTrusted<HoldRequest>(body);
        this.state.hold(managers, blocks);
        return this.requests.onHeld(request);
      }
      case ToInterchange.expect: {
        const head = 4 + body.readUInt32LE(0);
        const { id, ...pool } = readTrusted<PoolJoined>(body.subarray(4, head));
        const registration = { ...pool, capacity: pool.workers };
        return this.state.expect(id, registration, readSubmissions(body, head), performance.now());
      }
      case ToInterchange.close:
        return this.requests.onClose();
    }
  }

  private readonly addTask = (record: PackedRecord): void => {
    const isLarge = recordLength(record) >= LIMITS.detachBytes;
    this.state.addTask(isLarge ? detachPayload(record, taskField.payloadStart(record)) : record);
  };
}
