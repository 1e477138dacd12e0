// Takes samples and prints a line of JSON for each: sampler.js SUBJECT WORKERS SCALE MEASURE…
import type { Measure } from './measure.js';
import { measures } from './measures/all.js';
import type { NodeSubject, Session } from './subject.js';
import { nodeSubjects } from './subjects/all.js';

const [subjectName, workers, scale, ...names] = process.argv.slice(2);
const subject = nodeSubjects.find(({ name }) => name === subjectName);
if (subject === undefined) throw new Error('Usage: sampler.js SUBJECT WORKERS SCALE MEASURE…');
for (const measure of measures.filter(({ name }) => names.includes(name))) await sample(subject, measure);

async function sample(subject: NodeSubject, measure: Measure): Promise<void> {
  const opened: Session[] = [];
  const open = async () => {
    const session = await subject.open(Number(workers));
    opened.push(session);
    return session;
  };
  try {
    const values = await measure.take({ subject, workers: Number(workers), scale: Number(scale), open });
    console.log(JSON.stringify({ measure: measure.name, values }));
  } finally {
    for (const session of opened) await session.close();
  }
}
