import { checkOptions, SimpleLauncher } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { slurmDialect } from './slurm-dialect.js';
import { SLURM_PROVIDER_SCHEMA, type SlurmProviderOptions } from './slurm-provider-options.js';
import { transcript } from './testing/transcript.js';

function dialect(options: SlurmProviderOptions = {}) {
  const checked = checkOptions('SlurmProvider', options, SLURM_PROVIDER_SCHEMA);
  return slurmDialect({ ...checked, launcher: new SimpleLauncher() });
}
const said = (stdout: string, exitCode = 0) => ({ exitCode, signal: undefined, stdout, stderr: '' });

test('submits a script', () => {
  const request = { name: 'b', command: '/bin/pool', tasksPerNode: 1, scriptDir: '/s' };
  const files = { scriptPath: '/s/b.sh', stdoutPath: '/s/b.out', stderrPath: '/s/b.err' };
  expect(dialect().submit(request, files)).toEqual(['sbatch', '--parsable', '/s/b.sh']);
});

describe('what sbatch says', () => {
  const ids = new Map([
    ['accepted', '1'],
    ['accepted by one of several clusters', '2;bed'],
  ]);
  test.each([...transcript('sbatch')])('%s', (title, { result }) => {
    const id = result.exitCode === 0 ? dialect().readJobId(result.stdout) : undefined;
    expect(id).toBe(ids.get(title));
    expect(dialect().mayHaveSubmitted?.(result)).toBe(title === 'the controller hangs');
    expect(dialect().isUnavailable?.(result)).toBe(/ (?:hangs|is down)$/.test(title));
  });
});

describe('find', () => {
  test('asks for jobs by their names, whatever their states', () => {
    const question = dialect().find?.(['a.1', 'b.2']);
    expect(question?.argv).toEqual([
      ...['squeue', '--states=all', '--noheader', '--format=%i %j', '--name=a.1,b.2'],
    ]);
    expect([...(question?.read(said('12 a.1\n13_[0-2] b.2\n')).jobs ?? [])]).toEqual([
      ['12', 'a.1'],
      ['13', 'b.2'],
    ]);
    expect(question?.read(said('')).jobs.size).toBe(0);
    expect(() => question?.read(said('', 1))).toThrow('squeue could not say');
  });

  test('says of which cluster a job is', () => {
    const question = dialect({ clusters: 'east,west' }).find?.(['a.1']);
    expect(question?.argv).toContain('--clusters=east,west');
    const answer = question?.read(said('CLUSTER: east\n\nCLUSTER: west\n12 a.1\n'));
    expect([...(answer?.jobs ?? [])]).toEqual([['12;west', 'a.1']]);
  });
});
