import type { Executor } from '@parsl-ts/core';

/** Executors that start no worker pools: what a person has to run so that there is one. By label. */
export function poolsByHand(executors: readonly Executor[]): ReadonlyMap<string, string> {
  const commands = new Map<string, string>();
  for (const executor of executors) {
    if (executor.scaling === undefined && hasPoolCommand(executor)) {
      commands.set(executor.label, executor.workerPoolCommand());
    }
  }
  return commands;
}

/** By what it can do: it may be of another installation than this command's. */
function hasPoolCommand(executor: Executor): executor is Executor & { workerPoolCommand(): string } {
  return typeof Reflect.get(executor, 'workerPoolCommand') === 'function';
}
