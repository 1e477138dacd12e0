import { expect, test } from 'vitest';
import type { Logger } from '../executor.js';
import { FaultLog } from './fault-log.js';

test('a fault is told when it begins, when its reason changes and when it is over', () => {
  const lines: unknown[] = [];
  const logger: Logger = {
    debug: (fields) => lines.push(['debug', fields]),
    info: (_, message) => lines.push(['info', message]),
    warn: (fields, message) => lines.push(['warn', fields, message]),
    error: () => undefined,
    child: () => logger,
  };
  const faults = new FaultLog(logger, { failing: 'it fails', working: 'it works again' });
  faults.worked();
  faults.failed({ blockId: '0' }, 'down');
  faults.failed({ blockId: '1' }, 'down');
  faults.failed({ blockId: '2' }, 'full');
  faults.worked();
  faults.worked();
  faults.failed({}, 'full');
  expect(lines).toEqual([
    ['warn', { blockId: '0', error: 'down' }, 'it fails'],
    ['debug', { blockId: '1', error: 'down' }],
    ['warn', { blockId: '2', error: 'full' }, 'it fails'],
    ['info', 'it works again'],
    ['warn', { error: 'full' }, 'it fails'],
  ]);
});
