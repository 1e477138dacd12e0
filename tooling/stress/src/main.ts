import { parseArgs } from 'node:util';
import { runStress } from './run-stress.js';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '200000' },
    retries: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    'kill-every-ms': { type: 'string', default: '250' },
  },
});

const { account, deaths, seconds, mostOutstanding } = await runStress({
  tasks: whole('tasks'),
  retries: whole('retries'),
  seed: whole('seed'),
  killEveryMs: whole('kill-every-ms'),
});
const lost = Object.entries(account.lost).map(([code, count]) => `${count} ${code}`);
console.log(
  [
    `${account.tasks} tasks in ${seconds.toFixed(1)} s, at most ${mostOutstanding} of them outstanding`,
    `killed: ${deaths.workers} workers, ${deaths.managers} managers`,
    `results: ${account.results}; lost: ${lost.join(', ') || 'none'}; started more than once: ${account.repeated}`,
    ...account.wrong.slice(0, 20),
    account.wrong.length === 0 ? 'every task is accounted for' : `${account.wrong.length} things are wrong`,
  ].join('\n'),
);
process.exitCode = account.wrong.length === 0 ? 0 : 1;

function whole(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`);
  return number;
}
