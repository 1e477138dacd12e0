import { Bindings } from '../dependencies/bindings.js';
import type { DependencyResolver } from '../dependencies/dependency-resolver.js';
import type { Executor, Logger } from '../executor.js';
import { TooManyTasksError } from '../errors.js';
import { AppFuture, fulfilFuture, futurePhase, rejectFuture, watchFuture } from '../futures/app-future.js';
import type { Instruction } from '../graph/instruction.js';
import type { RetryPolicy } from '../graph/retry-policy.js';
import { TaskGraph } from '../graph/task-graph.js';
import type { TaskState } from '../graph/task-state.js';
import { Task, type AppDefinition, type TaskOwner, type TaskSettings } from '../graph/task.js';
import { Attempt, type AttemptOwner } from './attempt.js';
import { dependencyError } from './dependency-error.js';
import type { ExecutorEntry, ExecutorPool } from './executor-pool.js';
import { JoinBody } from './join-body.js';
import { JoinWatcher } from './join-watcher.js';
import { Room } from './room.js';
import { SignalRegistry } from './signal-registry.js';
import type { TaskListener } from './task-event.js';
import { withTaskLogs } from './task-logs.js';

/** What an engine works with. */
export interface TaskEngineParts {
  readonly executors: ExecutorPool;
  /** Runs the functions of join apps. */
  readonly joinExecutor: Executor;
  readonly policy: RetryPolicy;
  readonly dependencyResolver: DependencyResolver | undefined;
  readonly maxOutstandingTasks: number;
  /** Absolute path of the run's directory. */
  readonly runDir: string;
  readonly logger: Logger;
}

/** Carries out what the task graph decides: the only place where graph, futures and executors meet. */
export class TaskEngine implements TaskOwner, AttemptOwner {
  readonly #parts: TaskEngineParts;
  readonly #graph: TaskGraph;
  readonly #signals = new SignalRegistry();
  readonly #listeners = new Set<TaskListener>();
  /** For producers that would otherwise outrun the executors. */
  readonly room: Room;
  #idleWaiters: { readonly beforeId: number; readonly resolve: () => void }[] = [];
  #nextTaskId = 0;
  /** The task that an executor is being given. */
  #given: Task | undefined;
  /** Tasks that an executor has refused while it was given them, and that are to be tried again. */
  readonly #refused = new Set<Task>();
  #carryingOut = false;
  #silent = false;

  constructor(parts: TaskEngineParts) {
    this.#parts = parts;
    this.#graph = new TaskGraph(parts.policy);
    this.room = new Room(
      () => this.#graph.unsettled,
      () => parts.executors.outstandingBytes,
    );
  }

  get graph(): TaskGraph {
    return this.#graph;
  }

  /** Takes a call of an app. */
  submit<T>(definition: AppDefinition, args: readonly unknown[], given: TaskSettings): AppFuture<T> {
    if (this.#graph.unsettled >= this.#parts.maxOutstandingTasks) {
      throw new TooManyTasksError('maxOutstandingTasks', `${String(this.#graph.unsettled)} tasks`);
    }
    const taskId = this.#nextTaskId++;
    const settings = withTaskLogs(given, taskId, this.#parts.runDir);
    const task = new Task(taskId, this, definition, args, settings);
    const future = new AppFuture<T>(taskId, settings, task);
    task.future = future;
    const bindings = Bindings.of(args, this.#parts.dependencyResolver);
    if (bindings === undefined) {
      this.#graph.submitted(task);
    } else {
      this.#submitWaiting(task, bindings);
    }
    if (settings.signal !== undefined) {
      this.#heed(settings.signal, task);
    }
    this.#carryOut();
    return future;
  }

  cancel(task: Task, reason: unknown): boolean {
    const accepted = this.#graph.cancelled(task, reason);
    this.#carryOut();
    return accepted;
  }

  dependencySettled(task: Task, future: AppFuture<unknown>): void {
    if (futurePhase(future) === 'fulfilled') {
      this.#graph.dependencyFulfilled(task);
    } else {
      this.#graph.dependencyFailed(task, () => dependencyError(task));
    }
    this.#carryOut();
  }

  attemptStarted(task: Task): void {
    this.#graph.started(task);
  }

  attemptSucceeded(task: Task, value: unknown): void {
    this.#graph.succeeded(task, value);
    this.#carryOut();
  }

  attemptFailed(task: Task, error: unknown): void {
    this.#graph.failed(task, error);
    if (task === this.#given && task.state === 'pending') {
      this.#refused.add(task);
    }
    this.#carryOut();
  }

  /** The executor with this label has lost all the tries that it had. */
  executorFailed(label: string, error: Error): void {
    for (const task of this.#unsettledTasks()) {
      if (task.executor === label) {
        this.#graph.failed(task, error);
      }
    }
    this.#carryOut();
  }

  /** Ends every task that has not ended, without waiting for its executor. */
  abandonAll(errorFor: (task: Task) => Error): void {
    for (const task of this.#unsettledTasks()) {
      this.#graph.abandoned(task, errorFor(task));
    }
    this.#carryOut();
  }

  /** From now on no task is started, and no future settled. */
  fallSilent(): void {
    this.#silent = true;
  }

  /** Resolves when every task submitted so far has ended. */
  whenCurrentTasksEnd(): Promise<void> {
    if (this.#graph.oldest === undefined) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#idleWaiters.push({ beforeId: this.#nextTaskId, resolve });
    });
  }

  /** Listens to every change of a task's state. Returns the function that ends it. */
  on(listener: TaskListener): () => void {
    this.#listeners.add(listener);
    this.#graph.onChange = (task, from, outcome) => {
      this.#announce(task, from, outcome);
    };
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.#graph.onChange = undefined;
      }
    };
  }

  #submitWaiting(task: Task, bindings: Bindings): void {
    task.args = bindings.args;
    task.bindings = bindings;
    let failed = false;
    for (const future of bindings.futures) {
      const phase = futurePhase(future);
      failed ||= phase === 'rejected';
      if (phase === 'waiting') {
        task.waitingFor++;
      }
    }
    this.#graph.submitted(task);
    if (failed) {
      this.#graph.dependencyFailed(task, () => dependencyError(task));
      return;
    }
    for (const future of bindings.futures) {
      if (futurePhase(future) === 'waiting') {
        watchFuture(future, task);
      }
    }
  }

  #heed(signal: AbortSignal, task: Task): void {
    if (signal.aborted) {
      this.#graph.cancelled(task, signal.reason);
    } else {
      this.#signals.add(signal, task);
    }
  }

  /** A loop and not recursion: what is carried out here causes further instructions. */
  #carryOut(): void {
    if (this.#carryingOut || this.#silent) {
      return;
    }
    this.#carryingOut = true;
    const { instructions } = this.#graph;
    try {
      for (let next = instructions.shift(); next !== undefined; next = instructions.shift()) {
        this.#obey(next);
      }
    } finally {
      this.#carryingOut = false;
    }
  }

  #obey(instruction: Instruction): void {
    const { task } = instruction;
    switch (instruction.do) {
      case 'launch':
        if (this.#refused.delete(task)) {
          this.#launchLater(task);
        } else {
          this.#launch(task);
        }
        break;
      case 'join':
        this.#join(task, instruction.body);
        break;
      case 'stop':
        task.current?.cancel(instruction.error);
        break;
      case 'fulfil':
        this.#forget(task);
        if (task.future !== undefined) {
          fulfilFuture(task.future, task.state, instruction.value);
        }
        break;
      case 'reject':
        this.#forget(task);
        if (task.future !== undefined) {
          rejectFuture(task.future, task.state, instruction.error);
        }
        break;
    }
  }

  #launch(task: Task): void {
    // It may have been cancelled since.
    if (task.state !== 'pending') {
      return;
    }
    let entry: ExecutorEntry | undefined;
    try {
      task.bindings?.fill();
      task.bindings = undefined;
      entry = task.definition.join ? undefined : this.#parts.executors.choose(task.settings.executors);
    } catch (error) {
      this.#graph.failedForGood(task, error);
      return;
    }
    const executor = entry?.executor ?? this.#parts.joinExecutor;
    task.executor = executor.label;
    this.#graph.launched(task);
    const attempt = new Attempt(this, task, executor);
    task.current = attempt;
    this.#given = task;
    try {
      executor.submit(attempt);
    } catch (error) {
      attempt.failed(error);
    }
    this.#given = undefined;
    entry?.scaler?.tasksChanged();
  }

  /** An executor that refuses a task refuses it as often as it is asked in this turn, in which nothing else could happen. */
  #launchLater(task: Task): void {
    setImmediate(() => {
      this.#graph.instructions.push({ do: 'launch', task });
      this.#carryOut();
    });
  }

  #join(task: Task, body: unknown): void {
    try {
      const watcher = new JoinWatcher(this.#graph, task, JoinBody.of(body), () => {
        this.#carryOut();
      });
      task.current = watcher;
      watcher.start();
    } catch (error) {
      // What was returned cannot be looked through: a getter has thrown, or it is too deep for the stack.
      this.#graph.failedForGood(task, error);
    }
  }

  /** Nothing may keep the task alive from now on: its arguments may be large. */
  #forget(task: Task): void {
    task.current = undefined;
    task.bindings = undefined;
    if (task.settings.signal !== undefined) {
      this.#signals.remove(task.settings.signal, task);
    }
    this.room.taskEnded();
    if (this.#idleWaiters.length > 0) {
      this.#wakeIdleWaiters();
    }
  }

  #wakeIdleWaiters(): void {
    const oldest = this.#graph.oldest?.taskId ?? Infinity;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = waiters.filter((waiter) => oldest < waiter.beforeId);
    for (const waiter of waiters) {
      if (oldest >= waiter.beforeId) {
        waiter.resolve();
      }
    }
  }

  #announce(task: Task, from: TaskState | undefined, outcome: unknown): void {
    const event = { task, from, to: task.state, at: Date.now(), outcome };
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#parts.logger.error({ error, task: task.taskId }, 'a listener of task events threw');
      }
    }
  }

  #unsettledTasks(): Task[] {
    const tasks: Task[] = [];
    for (let task = this.#graph.oldest; task !== undefined; task = task.next) {
      tasks.push(task);
    }
    return tasks;
  }
}
