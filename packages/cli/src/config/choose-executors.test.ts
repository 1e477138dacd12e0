import { InlineExecutor } from '@parsl-ts/core';
import { expect, test } from 'vitest';

import { chooseExecutors } from './choose-executors.js';

const cpu = new InlineExecutor({ label: 'cpu' });
const gpu = new InlineExecutor({ label: 'gpu' });

test('all executors are measured unless some are named', () => {
  expect(chooseExecutors([cpu, gpu], [])).toEqual([cpu, gpu]);
  expect(chooseExecutors([cpu, gpu], ['gpu'])).toEqual([gpu]);
  expect(chooseExecutors([cpu, gpu], ['gpu', 'cpu', 'gpu'])).toEqual([cpu, gpu]);
});

test('a label that does not exist is refused, with those that do', () => {
  expect(() => chooseExecutors([cpu, gpu], ['cpu', 'gpus'])).toThrow(
    "--executor gpus: the configuration has no such executor; it has 'cpu', 'gpu'",
  );
  expect(() => chooseExecutors([], ['cpu'])).toThrow('it has none');
});
