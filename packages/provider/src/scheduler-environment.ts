import type { SchedulerDialect } from './scheduler-dialect.js';

/** `process.env` of this moment, without what a scheduler's commands must not see. */
export function schedulerEnvironment(dialect: Pick<SchedulerDialect, 'ignores'>): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  const kept = Object.entries(environment).filter(
    ([variable]) => dialect.ignores?.(variable, environment) !== true,
  );
  return Object.fromEntries(kept);
}
