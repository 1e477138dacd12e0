import { writeFileSync } from 'node:fs';

import {
  forEachRecord,
  FromWorker,
  TASK_HEAD_BYTES,
  ToWorker,
  unpackControl,
  type AbortTask,
  type FunctionFile,
  type PackedRecord,
  type WorkerSetup,
} from '@parsl-ts/wire';

import { JournalWriter } from '../result-journal.js';
import { WORKER_FD } from '../worker-descriptors.js';
import { FunctionTable } from './function-table.js';
import { ManagerLink } from './manager-link.js';
import { watchStrays } from './stray-errors.js';
import { TaskRunner } from './task-runner.js';

const LEASE_BYTES = 8;
const EMPTY = Buffer.alloc(0);

/** Makes this process a worker: tasks come over its descriptors until it ends. */
export function startWorker(): void {
  const functions = new FunctionTable();
  const link = new ManagerLink();
  const runner = new TaskRunner(
    (type, body) => link.send(type, body),
    functions,
    new JournalWriter(WORKER_FD.journal),
  );
  watchStrays(runner, link);
  beFirstToDie();

  function onFrame(type: number, body: Buffer): void {
    switch (type) {
      case ToWorker.tasks: {
        const records: PackedRecord[] = [];
        forEachRecord(body, LEASE_BYTES, TASK_HEAD_BYTES, [], (record) => records.push(record));
        return runner.add(records, body.readDoubleLE(0));
      }
      case ToWorker.code:
        return functions.add(own<FunctionFile>(body));
      case ToWorker.abort:
        return runner.abort(own<AbortTask>(body));
      case ToWorker.setup:
        runner.worker = own<WorkerSetup>(body).worker;
    }
  }

  link.listen(onFrame);
  link.send(FromWorker.ready, EMPTY);
}

/** The manager comes from the same installation and started this process: what it says is of its form. */
function own<T>(body: Buffer): T {
  return unpackControl(body) as T;
}

/** When the host runs out of memory, the kernel should end the worker that filled it and not the manager. */
function beFirstToDie(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Not Linux, or not allowed: the kernel decides by size alone.
  }
}
