import { join } from 'node:path';
import type { TaskSettings } from '../graph/task.js';

/** Says of `stdout` or `stderr` that each task has a file of its own. No path is this: those of settings are absolute. */
export const AUTO = 'auto';

/** So many tasks have their files in one directory. */
const TASKS_PER_DIRECTORY = 10_000;
const NAME_LENGTH = 50;

/** `settings` of one task, with the paths of its own files where they say {@link AUTO}. */
export function withTaskLogs(settings: TaskSettings, taskId: number, runDir: string): TaskSettings {
  const { name, stdout, stderr } = settings;
  if (stdout !== AUTO && stderr !== AUTO) {
    return settings;
  }
  const path = join(
    ...[runDir, 'task_logs', digits(Math.floor(taskId / TASKS_PER_DIRECTORY))],
    `task_${digits(taskId)}_${asFileName(name)}`,
  );
  return {
    ...settings,
    stdout: stdout === AUTO ? `${path}.stdout` : stdout,
    stderr: stderr === AUTO ? `${path}.stderr` : stderr,
  };
}

function digits(number: number): string {
  return String(number).padStart(4, '0');
}

function asFileName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '_').slice(0, NAME_LENGTH);
}
