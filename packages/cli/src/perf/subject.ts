import { resolve } from 'node:path';

import type { Executor, KernelConfig } from '@parsl-ts/core';

import { chooseExecutors } from '../config/choose-executors.js';
import { coreFor, type CoreInstallation } from '../config/installation.js';
import { loadConfig, problem } from '../config/load-config.js';
import { localConfig } from '../config/local-config.js';

/** What is measured. */
export interface Subject extends CoreInstallation {
  /** Absolute path of the configuration file; `undefined` when this machine is measured without one. */
  readonly file: string | undefined;
  readonly config: KernelConfig;
  /** Those of the configuration that are measured; no other is started. */
  readonly executors: readonly Executor[];
}

/**
 * Finds out what is to be measured. Starts nothing.
 *
 * @param given as by `--config`
 * @param labels as by `--executor`
 * @throws CommandError when the configuration is wrong, or has no such executor
 */
export async function findSubject(given: string | undefined, labels: readonly string[]): Promise<Subject> {
  const file = given === undefined ? undefined : resolve(given);
  const config = given === undefined ? await localConfig() : await loadConfig(given);
  const installation = await coreFor(file);
  const executors = config.executors ?? [new installation.core.ThreadPoolExecutor()];
  if (!isList(executors)) {
    throw problem(given, "option 'executors' of the configuration has to be an array of executors");
  }
  return { ...installation, file, config, executors: chooseExecutors(executors, labels) };
}

/** Nobody has checked the type of what was loaded. The kernel looks at what the executors can do. */
function isList(executors: unknown): boolean {
  return Array.isArray(executors) && executors.every((each) => typeof each === 'object' && each !== null);
}
