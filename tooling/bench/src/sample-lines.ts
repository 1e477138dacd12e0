import { figuresOf, type Measure, type Values } from './measure.js';

/** What a sampling process has to say of one measure, as a line of JSON. */
export interface SampleLine {
  readonly measure: string;
  readonly values: Values;
}

/**
 * Reads what a sampling process has printed: a line of JSON for each measure, `{ "measure": …, "values": { … } }`. Other
 * lines are not its own, but of what it measures.
 *
 * @throws Error when a value is no number, or no figure of its measure
 */
export function readSampleLines(output: string, measures: readonly Measure[]): readonly SampleLine[] {
  return output.split('\n').flatMap((line) => {
    const said = parse(line);
    const measure = measures.find(({ name }) => name === field(said, 'measure'));
    return measure === undefined
      ? []
      : [{ measure: measure.name, values: readValues(field(said, 'values'), measure) }];
  });
}

function readValues(given: unknown, measure: Measure): Values {
  const known = new Set(figuresOf(measure).map(({ name }) => name));
  const values = Object.entries(typeof given === 'object' && given !== null ? given : {});
  const read = values.map(([name, value]: [string, unknown]): [string, number] => {
    if (!known.has(name)) throw new Error(`'${name}' is no figure of ${measure.name}`);
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new Error(`The figure '${name}' of ${measure.name} is ${String(value)}`);
    return [name, value];
  });
  if (read.length === 0) throw new Error(`The sample of ${measure.name} has no figures`);
  return Object.fromEntries(read);
}

function parse(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
