import { taskField, type PackedRecord } from '@parsl-ts/wire';

import type { ClosedManagers } from './closed-managers.js';
import type { Instruction } from './instruction.js';
import type { Manager } from './manager.js';
import type { ManagerTable } from './manager-table.js';
import { recall } from './recall.js';
import type { Selector } from './selector.js';
import type { TooLongTasks } from './too-long-tasks.js';
import type { WaitingTasks } from './waiting-tasks.js';

/** What a {@link HandingOut} works with. */
export interface HandingOutParts {
  readonly tasks: WaitingTasks;
  readonly table: ManagerTable;
  readonly closed: ClosedManagers;
  readonly tooLong: TooLongTasks;
  readonly selector: Selector;
  readonly instruct: (instruction: Instruction) => void;
}

/** Gives tasks to managers, each function before its first task, and asks for tasks back that others could run instead. */
export class HandingOut {
  private readonly parts: HandingOutParts;
  private readonly code = new Map<number, readonly Buffer[]>();

  constructor(parts: HandingOutParts) {
    this.parts = parts;
  }

  /** A function, before its first task. `frames` is the message that tells a manager about it. */
  addCode(index: number, frames: readonly Buffer[]): void {
    this.code.set(index, frames);
  }

  /** Does what there is to do. */
  go(now: number): void {
    const { table, instruct } = this.parts;
    table.settle();
    this.dispatch(now);
    table.settle();
    if (!this.mayRecall) return;
    const idle = table.idleWorkers - this.parts.tasks.queued;
    for (const [manager, tasks] of recall(table.stocks, idle, now)) {
      manager.recalling = true;
      table.touch(manager);
      instruct({ do: 'send-recall', to: manager.id, tasks });
    }
  }

  /** When {@link go} has something to do at the latest although nothing happens; may be infinite. */
  get nextAt(): number {
    this.parts.table.settle();
    return (this.mayRecall ? this.parts.table.stocks.wakeAt : undefined) ?? Infinity;
  }

  private get mayRecall(): boolean {
    return this.parts.tasks.queued === 0 || this.parts.closed.hasSome;
  }

  private dispatch(now: number): void {
    const { tasks, table, tooLong, selector, instruct } = this.parts;
    const batches = new Map<Manager, PackedRecord[]>();
    const give = (manager: Manager, record: PackedRecord) => {
      manager.held.add(taskField.submission(record));
      table.touch(manager);
      this.introduce(manager, taskField.functionIndex(record));
      const batch = batches.get(manager);
      if (batch === undefined) batches.set(manager, [record]);
      else batch.push(record);
    };
    const longestMs = tasks.assign({ wanting: table.wanting, selector, now, give });
    for (const [manager, records] of batches) instruct({ do: 'send-tasks', to: manager.id, records });
    tooLong.began(longestMs, now);
  }

  private introduce(manager: Manager, index: number): void {
    if (manager.functions.has(index)) return;
    manager.functions.add(index);
    const frames = this.code.get(index);
    if (frames !== undefined) this.parts.instruct({ do: 'send-code', to: manager.id, frames });
  }
}
