import { readFileSync } from 'node:fs';
import type { CommandResult, JobId, JobStatus, SchedulerQuestion } from '@parsl-ts/provider';

/** What real commands printed, from a file in `fixtures`: each with its standard output and error and its exit code. */
export class Recording {
  readonly #answers = new Map<string, CommandResult>();

  /** @param name of the file, without `.txt` */
  constructor(name: string) {
    const text = readFileSync(new URL(`../fixtures/${name}.txt`, import.meta.url), 'utf8');
    for (const [, command = '', rest = ''] of text.matchAll(/^(?:\$|#>) (.*)\n([^]*?^--- exit \d+$)/gm)) {
      this.#answers.set(command, answerIn(rest));
    }
  }

  /** All answers. */
  get answers(): readonly CommandResult[] {
    return [...this.#answers.values()];
  }

  /** The answer to a command, which must have been recorded. Of several equal commands, the last. */
  answer(argv: readonly string[]): CommandResult {
    const command = argv.join(' ');
    const answer = this.#answers.get(command);
    if (answer === undefined) {
      throw new Error(`no answer was recorded to: ${command}`);
    }
    return answer;
  }

  /** Asks a question, and those that its answer leads to. */
  ask<T>(question: SchedulerQuestion<T>): Asked<T> {
    const asked: Asked<T> = { commands: [], jobs: new Map(), missing: new Map() };
    const questions = [question];
    for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
      asked.commands.push(next.argv.join(' '));
      const answer = next.read(this.answer(next.argv));
      answer.jobs.forEach((value, id) => asked.jobs.set(id, value));
      answer.missing?.forEach((value, id) => asked.missing.set(id, value));
      questions.push(...(answer.next ?? []));
    }
    return asked;
  }
}

/** What a question brought in the end. */
export interface Asked<T> {
  readonly commands: string[];
  readonly jobs: Map<JobId, T>;
  readonly missing: Map<JobId, JobStatus>;
}

function answerIn(text: string): CommandResult {
  const part = (name: string): string =>
    new RegExp(`^--- ${name}\\n([^]*?)^--- (?:stderr$|exit )`, 'm').exec(text)?.[1] ?? '';
  return {
    exitCode: Number(/^--- exit (\d+)$/m.exec(text)?.[1]),
    signal: undefined,
    stdout: part('stdout'),
    stderr: part('stderr'),
  };
}
