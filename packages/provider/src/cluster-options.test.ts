import { describe, expect, test } from 'vitest';
import { checkOptions, type SchemaOf } from './check-options.js';
import { clusterOptions, clusterSetup, type ClusterOptions } from './cluster-options.js';
import type { SchedulerDialect } from './scheduler-dialect.js';

const SCHEMA = clusterOptions({
  label: 'x',
  walltime: '00:10:00',
  directive: '#X',
  otherDirectives: ['#Y'],
  arrays: ['-J'],
}) satisfies SchemaOf<ClusterOptions>;
const check = (options: object) => checkOptions('XProvider', options, SCHEMA);

const dialect: SchedulerDialect = {
  script: () => '',
  submit: () => [],
  readJobId: () => undefined,
  status: () => ({ argv: [], read: () => ({ jobs: new Map() }) }),
  cancel: () => ({ argv: [], read: () => ({ jobs: new Map() }) }),
};

describe('clusterOptions', () => {
  test('has defaults', () => {
    expect(check({})).toMatchObject({
      label: 'x',
      walltime: '00:10:00',
      account: undefined,
      memPerNodeGb: undefined,
      schedulerOptions: '',
      commandTimeoutMs: 30_000,
      pollIntervalMs: 10_000,
      jobsPerCommand: 100,
    });
  });

  test.each([
    ['', ''],
    ['--a=1', '#X --a=1'],
    ['#X --a=1', '#X --a=1'],
    ['  #X   -a 1  ', '#X -a 1'],
    ['#X --a=1\r\n\n-b "x y"\n', '#X --a=1\n#X -b "x y"'],
    ['# mail\n--a=1 # one\n##X --b\n# X --b\n#\n#mail, please\n#---\n#TODO - more', '#X --a=1 # one'],
    ['#Y create a -b\n-a\n#Y\n#YZ -', '#Y create a -b\n#X -a\n#Y'],
    ['# only this', ''],
    ['-v "A=-J 3" -Jx', '#X -v "A=-J 3" -Jx'],
  ])('schedulerOptions %j become %j', (schedulerOptions, lines) => {
    expect(check({ schedulerOptions }).schedulerOptions).toBe(lines);
  });

  test.each<[object, string]>([
    [
      { schedulerOptions: '--a=1\nmodule load node' },
      "must be lines that each begin with '#X -' or '#Y ' or '-', or comments; what a shell is to run goes into 'workerInit'",
    ],
    [{ schedulerOptions: '#Z --a' }, 'must be lines'],
    [{ schedulerOptions: '#X mail' }, 'must be lines'],
    [{ schedulerOptions: '# mail\ncurl x' }, 'must be lines'],
    [{ schedulerOptions: ['--a'] }, 'must be lines'],
    [{ schedulerOptions: '-a\n-r y -J 0-2' }, "must be lines without '-J' (a block is one job"],
    [{ schedulerOptions: '#X -J0-2' }, "must be lines without '-J'"],
    [{ account: 'two words' }, "option 'account' of XProvider must be one word"],
    [{ account: 'a\n#X --evil' }, 'must be one word'],
    [{ account: '' }, 'must be one word'],
    [{ walltime: '1:00' }, 'must be a walltime'],
    [{ memPerNodeGb: 0 }, "option 'memPerNodeGb' of XProvider must be a number of at least"],
    [{ cmd_timeout: 10 }, "did you mean 'commandTimeoutMs' (in milliseconds)?"],
    [{ status_batch_size: 10 }, "did you mean 'jobsPerCommand'?"],
    [{ mem_per_node: 4 }, "did you mean 'memPerNodeGb'?"],
    [{ scheduler_options: '' }, "did you mean 'schedulerOptions'?"],
  ])('%j is refused', (options, message) => {
    expect(() => check(options)).toThrow(message);
  });
});

describe('clusterSetup', () => {
  test('has what a provider needs', () => {
    const options = check({ memPerNodeGb: 2, nodesPerBlock: 3, maxBlocks: 4, jobsPerCommand: 5 });
    expect(clusterSetup('XProvider', options, { dialect, coresPerNode: 8, keepsSecrets: true })).toEqual({
      label: 'x',
      dialect,
      asksFor: "XProvider({ nodesPerBlock: 3, walltime: '00:10:00', memPerNodeGb: 2 })",
      nodesPerBlock: 3,
      node: { cores: 8, memoryGb: 2 },
      walltimeMs: 600_000,
      blocks: { init: 1, min: 0, max: 4, parallelism: 1, maxSubmissionsPerMinute: 100 },
      carriesSecrets: true,
      pollIntervalMs: 10_000,
      commandTimeoutMs: 30_000,
      idsPerCommand: 5,
    });
  });

  test('says what a job asks for, an option of the provider’s own included', () => {
    const options = { ...check({ account: 'lab', schedulerOptions: '-a\n-b', label: 'y' }), color: 'red' };
    const { asksFor } = clusterSetup('XProvider', options, {
      dialect,
      coresPerNode: undefined,
      keepsSecrets: true,
    });
    expect(asksFor).toBe(
      String.raw`XProvider({ nodesPerBlock: 1, walltime: '00:10:00', account: 'lab', schedulerOptions: '#X -a\n#X -b', color: 'red' })`,
    );
  });

  test('says nothing of a node of which nothing is asked', () => {
    const setup = clusterSetup('XProvider', check({}), {
      dialect,
      coresPerNode: undefined,
      keepsSecrets: true,
    });
    expect(setup.node).toEqual({});
  });

  test.each([
    ['the scheduler', {}, false],
    ['the launcher', { launcher: { label: 'open', fragment: () => '' } }, true],
  ])('carries no secrets that %s would tell', (_, options, keepsSecrets) => {
    const setup = clusterSetup('XProvider', check(options), {
      dialect,
      coresPerNode: undefined,
      keepsSecrets,
    });
    expect(setup.carriesSecrets).toBe(false);
  });
});
