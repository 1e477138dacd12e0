import { afterEach, expect, test } from 'vitest';
import { EndQuestions } from './end-questions.js';

const questions = new EndQuestions();
afterEach(() => {
  questions.clear();
});

/** A question that notes when it has been answered. */
function ask(blockId: string): { answered: boolean } {
  const question = { answered: false };
  void questions.ask(blockId).then(() => (question.answered = true));
  return question;
}

test('the scheduler is asked at once, and a second later for those who ask meanwhile', async () => {
  expect(questions.pollAt).toBe(Infinity);
  const first = ask('0');
  expect(questions.pollAt).toBe(-Infinity);
  questions.asked(5000);
  const second = ask('1');
  expect(questions.pollAt).toBe(6000);
  questions.answered(() => false);
  await new Promise(setImmediate);
  expect([first.answered, second.answered]).toEqual([true, false]);
  questions.asked(6000);
  expect(questions.pollAt).toBe(Infinity);
  questions.answered(() => false);
  await new Promise(setImmediate);
  expect(second.answered).toBe(true);
});

test('a block that is being explained is waited for, and not asked for again', async () => {
  const [failed, other] = [ask('0'), ask('1')];
  questions.asked(0);
  questions.answered((blockId) => blockId === '0');
  await new Promise(setImmediate);
  expect([failed.answered, other.answered]).toEqual([false, true]);
  expect(questions.pollAt).toBe(Infinity);
  questions.explained('0');
  await new Promise(setImmediate);
  expect(failed.answered).toBe(true);
});
