import { describe, expect, test } from 'vitest';
import { readJobs } from './job-attributes.js';
import { Recording } from './testing/recording.js';

const attribute = (text: string, id: string, name: string) => readJobs(text).get(id)?.get(name);

describe('readJobs', () => {
  test('reads every job of PBS Pro, and values that go on in the next line', () => {
    const ids = ['1231', '1232', '1233', '1234', '1235', '1236', '1237'].map(
      (number) => `${number}.pbs-head`,
    );
    const { stdout } = new Recording('pbspro-history-off').answer(['qstat', '-E', '-f', ...ids]);
    expect([...readJobs(stdout).keys()]).toEqual(ids);
    expect(ids.map((id) => attribute(stdout, id, 'job_state'))).toEqual(['R', 'R', 'Q', 'H', 'W', 'Q', 'Q']);
    expect(attribute(stdout, '1236.pbs-head', 'comment')).toBe(
      'Can Never Run: Insufficient amount of resource: ncpus (R: 64 A: 8 T: 8)',
    );
    expect(attribute(stdout, '1231.pbs-head', 'Resource_List.select')).toBe('1:ncpus=4');
  });

  test('reads jobs of Slurm’s qstat', () => {
    const { stdout } = new Recording('slurm-wlm-torque').answer(['qstat', '-f', '6']);
    expect(attribute(stdout, '6', 'Job_Name')).toBe('bad.sub');
    expect(attribute(stdout, '6', 'job_state')).toBe('C');
  });

  test('takes no line of a variable for an attribute', () => {
    const { stdout } = new Recording('pbspro-odd-values').answer(['qstat', '-E', '-f', '1250.pbs-head']);
    expect(stdout).toContain('\n    Exit_status = 0\n\ttab,U=naïve ☃');
    expect(attribute(stdout, '1250.pbs-head', 'Job_Name')).toBe('nan');
    const ended = stdout
      .replace('Exit_status = 0\n', 'job_state = F\n    Exit_status = 0\n')
      .replace('    Submit_arguments', '    Exit_status = 3\n    Submit_arguments');
    expect(attribute(ended, '1250.pbs-head', 'job_state')).toBe('H');
    expect(attribute(ended, '1250.pbs-head', 'Exit_status')).toBe('3');
  });

  test('finds nothing in what is no such answer', () => {
    expect(readJobs('').size).toBe(0);
    expect(readJobs('Job id            Name\n12.pbs-head       x\n').size).toBe(0);
  });
});
