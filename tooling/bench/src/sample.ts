// Takes one sample and prints it as a line of JSON: sample.js SUBJECT MEASURE WORKERS
import { measures } from './measures/all.js';
import type { Session } from './subject.js';
import { nodeSubjects } from './subjects/all.js';

const [subjectName, measureName, workers] = process.argv.slice(2);
const subject = nodeSubjects.find(({ name }) => name === subjectName);
const measure = measures.find(({ name }) => name === measureName);
if (subject === undefined || measure === undefined)
  throw new Error('Usage: sample.js SUBJECT MEASURE WORKERS');

const opened: Session[] = [];
try {
  const open = async () => {
    const session = await subject.open(Number(workers));
    opened.push(session);
    return session;
  };
  const values = await measure.take({ subject, workers: Number(workers), open });
  console.log(JSON.stringify({ measure: measure.name, values }));
} finally {
  for (const session of opened) await session.close();
}
