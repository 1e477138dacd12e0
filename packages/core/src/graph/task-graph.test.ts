import { describe, expect, it } from 'vitest';
import { DependencyError, RepeatedWorkerLossError, RetryCostError, TaskCancelledError } from '../errors.js';
import type { Instruction } from './instruction.js';
import type { RetryPolicy } from './retry-policy.js';
import { TaskGraph } from './task-graph.js';
import { Task } from './task.js';
import type { TaskState } from './task-state.js';

const owner = { dependencySettled: () => undefined, cancel: () => false };

function makeTask(
  taskId: number,
  { join = false, retries }: { join?: boolean; retries?: number } = {},
): Task {
  const run = { name: 'f', fn: () => 0, contextIndex: -1, bundle: () => Promise.reject(new Error('none')) };
  const settings = {
    name: `f${String(taskId)}`,
    executors: undefined,
    retries,
    timeoutMs: undefined,
    priority: undefined,
    signal: undefined,
    stdout: undefined,
    stderr: undefined,
  };
  return new Task(taskId, owner, { run, join }, [], settings);
}

function makeGraph(policy: Partial<RetryPolicy> = {}): TaskGraph {
  return new TaskGraph({ retries: 0, retryHandler: undefined, maxWorkerKills: 3, ...policy });
}

function drain(graph: TaskGraph): Instruction[] {
  const all: Instruction[] = [];
  for (let next = graph.instructions.shift(); next !== undefined; next = graph.instructions.shift()) {
    all.push(next);
  }
  return all;
}

/** Submits a task without dependencies and has an executor take it. */
function launch(graph: TaskGraph, task: Task): void {
  graph.submitted(task);
  drain(graph);
  graph.launched(task);
}

const dependencyError = (task: Task) => (): Error =>
  new DependencyError(task, [{ taskId: 0, name: 'f0', error: new Error('boom') }]);

describe('TaskGraph', () => {
  it('takes a task from its submission to its value', () => {
    const graph = makeGraph();
    const task = makeTask(0);
    const states: (TaskState | undefined)[] = [];
    graph.onChange = (changed, from) => states.push(from, changed.state);
    graph.submitted(task);
    expect(drain(graph)).toEqual([{ do: 'launch', task }]);
    graph.launched(task);
    graph.started(task);
    graph.succeeded(task, 42);
    expect(drain(graph)).toEqual([{ do: 'fulfil', task, value: 42 }]);
    expect(states).toEqual([
      undefined,
      'pending',
      'pending',
      'launched',
      'launched',
      'running',
      'running',
      'exec_done',
    ]);
  });

  it('launches a task when the last of its dependencies has a value, and not before', () => {
    const graph = makeGraph();
    const task = makeTask(0);
    task.waitingFor = 2;
    graph.submitted(task);
    graph.dependencyFulfilled(task);
    expect(drain(graph)).toEqual([]);
    graph.dependencyFulfilled(task);
    expect(drain(graph)).toEqual([{ do: 'launch', task }]);
  });

  it('gives a task up at the first dependency that fails, and ignores the others', () => {
    const graph = makeGraph({ retries: 5 });
    const task = makeTask(1);
    task.waitingFor = 2;
    graph.submitted(task);
    graph.dependencyFailed(task, dependencyError(task));
    const [instruction, ...others] = drain(graph);
    expect(instruction).toMatchObject({ do: 'reject', task, error: { code: 'PARSL_DEPENDENCY' } });
    expect(others).toEqual([]);
    expect(task.state).toBe('dep_fail');
    graph.dependencyFulfilled(task);
    graph.dependencyFailed(task, dependencyError(task));
    expect(drain(graph)).toEqual([]);
  });

  it('keeps those that have not ended in the order of submission', () => {
    const graph = makeGraph();
    const tasks = [0, 1, 2].map((id) => makeTask(id));
    tasks.forEach((task) => {
      launch(graph, task);
    });
    const ids = (): number[] => {
      const found: number[] = [];
      for (let task = graph.oldest; task !== undefined; task = task.next) found.push(task.taskId);
      return found;
    };
    const [first, second, third] = tasks;
    expect(ids()).toEqual([0, 1, 2]);
    if (second !== undefined) graph.succeeded(second, 0);
    expect(ids()).toEqual([0, 2]);
    if (third !== undefined) graph.failed(third, new Error('boom'));
    expect(ids()).toEqual([0]);
    if (first !== undefined) graph.cancelled(first, undefined);
    expect(ids()).toEqual([0]);
    if (first !== undefined) graph.failed(first, undefined);
    expect(ids()).toEqual([]);
    expect(graph.unsettled).toBe(0);
    expect(graph.counts).toMatchObject({ exec_done: 1, failed: 1, cancelled: 1, launched: 0, pending: 0 });
  });

  it('waits for what a join app returned before it has a value', () => {
    const graph = makeGraph();
    const task = makeTask(0, { join: true });
    launch(graph, task);
    graph.succeeded(task, 'body');
    expect(drain(graph)).toEqual([{ do: 'join', task, body: 'body' }]);
    expect(task.state).toBe('joining');
    graph.succeeded(task, 'again');
    expect(drain(graph)).toEqual([]);
    graph.joined(task, [1, 2]);
    expect(drain(graph)).toEqual([{ do: 'fulfil', task, value: [1, 2] }]);
  });

  it('does not try a join again whose futures failed', () => {
    const graph = makeGraph({ retries: 3 });
    const task = makeTask(0, { join: true });
    launch(graph, task);
    graph.succeeded(task, 'body');
    drain(graph);
    const error = new Error('inner');
    graph.joinFailed(task, error);
    expect(drain(graph)).toEqual([{ do: 'reject', task, error }]);
  });
});

describe('retries', () => {
  /** Lets each try fail with the next of the errors until the task is not tried again. Returns the last instruction. */
  function failWith(
    graph: TaskGraph,
    task: Task,
    errors: readonly unknown[],
  ): { tries: number; end: Instruction | undefined } {
    graph.submitted(task);
    let tries = 0;
    for (const error of errors) {
      const [next] = drain(graph);
      if (next?.do !== 'launch') return { tries, end: next };
      graph.launched(task);
      tries++;
      graph.failed(task, error);
    }
    return { tries, end: drain(graph)[0] };
  }

  it('tries as often as `retries` allows, and fails with the last error', () => {
    const errors = [1, 2, 3, 4, 5].map((n) => new Error(String(n)));
    const task = makeTask(0);
    expect(failWith(makeGraph({ retries: 2 }), task, errors)).toEqual({
      tries: 3,
      end: { do: 'reject', task, error: errors[2] },
    });
    expect(task.failures).toEqual(errors.slice(0, 3));
  });

  it('lets the call override `retries`', () => {
    const errors = Array.from({ length: 5 }, () => new Error('boom'));
    expect(failWith(makeGraph({ retries: 2 }), makeTask(0, { retries: 0 }), errors).tries).toBe(1);
    expect(failWith(makeGraph({ retries: 0 }), makeTask(0, { retries: 3 }), errors).tries).toBe(4);
  });

  it('counts what the handler says that a failure costs', () => {
    const errors = Array.from({ length: 9 }, () => new Error('boom'));
    expect(failWith(makeGraph({ retries: 2, retryHandler: () => 0.5 }), makeTask(0), errors).tries).toBe(5);
    expect(failWith(makeGraph({ retries: 2, retryHandler: () => Infinity }), makeTask(0), errors).tries).toBe(
      1,
    );
    const seen: unknown[] = [];
    const handler: RetryPolicy['retryHandler'] = (error, task) => {
      seen.push([error, task.attempt, task.failures.length]);
      return 1;
    };
    failWith(makeGraph({ retries: 1, retryHandler: handler }), makeTask(0), errors);
    expect(seen).toEqual([
      [errors[0], 0, 1],
      [errors[1], 1, 2],
    ]);
  });

  it('fails the task with what its handler throws', () => {
    const thrown = new Error('handler');
    const retryHandler = (): number => {
      throw thrown;
    };
    const task = makeTask(0);
    expect(failWith(makeGraph({ retries: 5, retryHandler }), task, [new Error('boom')])).toEqual({
      tries: 1,
      end: { do: 'reject', task, error: thrown },
    });
  });

  it.each([NaN, -1])('fails the task when its handler returns %d', (cost) => {
    const error = new Error('boom');
    const { end } = failWith(makeGraph({ retries: 5, retryHandler: () => cost }), makeTask(0), [error]);
    expect(end).toMatchObject({ do: 'reject', error: { code: 'PARSL_RETRY_COST', cause: error } });
    expect(end?.do === 'reject' && end.error).toBeInstanceOf(RetryCostError);
  });

  it('gives up a task that kills its workers, whatever `retries` says', () => {
    const death = (): Error => Object.assign(new Error('worker died'), { code: 'PARSL_WORKER_LOST' });
    const errors = [death(), new Error('boom'), death(), death(), death()];
    const { tries, end } = failWith(makeGraph({ retries: 100 }), makeTask(0), errors);
    expect(tries).toBe(4);
    expect(end?.do === 'reject' && end.error).toBeInstanceOf(RepeatedWorkerLossError);
    expect(end).toMatchObject({ error: { deaths: [errors[0], errors[2], errors[3]], cause: errors[3] } });
  });

  it('gives up a task that kills its workers also when that costs it nothing', () => {
    const death = (): Error => Object.assign(new Error('worker died'), { code: 'PARSL_WORKER_LOST' });
    const errors = [death(), death(), death(), death()];
    const free = makeGraph({ retries: 0, retryHandler: () => 0 });
    expect(failWith(free, makeTask(0), errors)).toMatchObject({
      tries: 3,
      end: { error: { deaths: errors.slice(0, 3) } },
    });
  });

  it('counts the death of a worker like any other failure otherwise', () => {
    const death = (): Error => Object.assign(new Error('worker died'), { code: 'PARSL_WORKER_LOST' });
    const errors = [death(), death(), death()];
    expect(failWith(makeGraph({ retries: 0 }), makeTask(0), errors)).toMatchObject({
      tries: 1,
      end: { error: errors[0] },
    });
    expect(failWith(makeGraph({ retries: 1 }), makeTask(0), errors)).toMatchObject({
      tries: 2,
      end: { error: errors[1] },
    });
    const once = makeGraph({ retries: 9, maxWorkerKills: 1 });
    expect(failWith(once, makeTask(0), errors)).toMatchObject({ tries: 1, end: { error: errors[0] } });
  });
});

describe('cancelling', () => {
  it('ends a waiting task at once', () => {
    const graph = makeGraph();
    const task = makeTask(0);
    task.waitingFor = 1;
    graph.submitted(task);
    expect(graph.cancelled(task, 'enough')).toBe(true);
    const [instruction] = drain(graph);
    expect(instruction).toMatchObject({
      do: 'reject',
      error: { code: 'PARSL_TASK_CANCELLED', cause: 'enough' },
    });
    expect(instruction?.do === 'reject' && instruction.error).toBeInstanceOf(TaskCancelledError);
    graph.dependencyFulfilled(task);
    expect(drain(graph)).toEqual([]);
  });

  it.each(['succeeded', 'failed'] as const)(
    'has the executor stop a running task, which ends as cancelled also if its try %s',
    (how) => {
      const graph = makeGraph({ retries: 5 });
      const task = makeTask(0);
      launch(graph, task);
      graph.started(task);
      expect(graph.cancelled(task, undefined)).toBe(true);
      const [stop] = drain(graph);
      expect(stop).toMatchObject({ do: 'stop', task });
      expect(task.state).toBe('running');
      expect(graph.cancelled(task, undefined)).toBe(false);
      graph[how](task, 'late');
      expect(drain(graph)).toMatchObject([{ do: 'reject', error: { code: 'PARSL_TASK_CANCELLED' } }]);
      expect(task.state).toBe('cancelled');
    },
  );

  it('stops the joined futures, and ends the join at once', () => {
    const graph = makeGraph();
    const task = makeTask(0, { join: true });
    launch(graph, task);
    graph.succeeded(task, 'body');
    drain(graph);
    graph.cancelled(task, undefined);
    expect(drain(graph).map((instruction) => instruction.do)).toEqual(['stop', 'reject']);
  });

  it('does nothing to a task that has ended', () => {
    const graph = makeGraph();
    const task = makeTask(0);
    launch(graph, task);
    graph.succeeded(task, 1);
    drain(graph);
    expect(graph.cancelled(task, undefined)).toBe(false);
    graph.abandoned(task, new Error('closed'));
    graph.failed(task, new Error('late'));
    expect(drain(graph)).toEqual([]);
    expect(task.state).toBe('exec_done');
  });
});
