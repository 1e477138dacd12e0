// Takes one sample and prints it as JSON: sample.ts SUBJECT MEASURE WORKERS
import { measures } from './measures/all.js';
import type { Session } from './subject.js';
import { subjects } from './subjects/all.js';

const [subjectName, measureName, workers] = process.argv.slice(2);
const subject = subjects.find(({ name }) => name === subjectName);
const measure = measures.find(({ name }) => name === measureName);
if (subject === undefined || measure === undefined)
  throw new Error('Usage: sample.ts SUBJECT MEASURE WORKERS');

const opened: Session[] = [];
try {
  const sample = await measure.take(async () => {
    const session = await subject.open(Number(workers));
    opened.push(session);
    return session;
  });
  console.log(JSON.stringify(sample));
} finally {
  for (const session of opened) await session.close();
}
