import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { earlierReport } from './earlier-report.js';
import { measures } from './measures/all.js';
import { makeReport } from './report.js';
import { subjects } from './subjects/all.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reports-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function file(name: string, contents: object): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, JSON.stringify(contents));
  return path;
}

const read = (...files: string[]) => earlierReport({ subjects, measures }, 2, files);
const then = { date: '2020-02-03T04:05:06.000Z', node: 'v20.0.0', cpu: 'a quick one', cores: 3 };
const reportOf = (rate: number) =>
  makeReport(subjects, measures, 2, [
    { subject: 'htex', measure: 'throughput', repetition: 1, values: { rate } },
  ]);

it('tells when and where they ran, and puts their samples together', async () => {
  const one = await file('1.json', { ...reportOf(100), ...then });
  const other = await file('2.json', { ...reportOf(300), ...then, date: '2020-01-01T00:00:00.000Z' });
  const report = await read(one, other);
  expect(report).toMatchObject(then);
  expect(report.samples).toHaveLength(2);
});

it('does not mix machines', async () => {
  const one = await file('1.json', { ...reportOf(100), ...then });
  const other = await file('2.json', { ...reportOf(300), ...then, cores: 64 });
  await expect(read(one, other)).rejects.toThrow(/2.json: it ran on a quick one, 64 cores.* 3 cores/);
});

it('names a file that is no report', async () => {
  await expect(read(join(directory, 'absent.json'))).rejects.toThrow(/^--from .*absent.json: ENOENT/);
  await expect(read(await file('other.json', { name: 'x' }))).rejects.toThrow(/other.json: it is no report/);
});
