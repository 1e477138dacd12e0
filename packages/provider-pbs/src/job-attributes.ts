import type { JobId } from '@parsl-ts/provider';

/** What `qstat -f` says of one job, by the names it uses: `job_state`, `Exit_status`, `comment`. */
export type JobAttributes = ReadonlyMap<string, string>;

/**
 * Reads what `qstat -f` prints, of PBS Pro, of Torque, and of Slurm's commands for Torque's users. It is the form in which
 * every version tells all jobs, and well: `-F json` is not JSON in some versions when a name, an argument or a variable
 * has certain characters, and shows but the first of several jobs in others.
 */
export function readJobs(text: string): ReadonlyMap<JobId, JobAttributes> {
  return new Map(
    [...text.matchAll(/^Job Id:([ \t])(\S+)[ \t]*\n([^]*?)(?=^Job Id:|$(?![^]))/gm)].map(
      ([, separator, id = '', rest = '']) => [
        id,
        separator === '\t' ? slurmAttributes(rest) : attributes(rest),
      ],
    ),
  );
}

/** Attributes begin with four blanks. A long value goes on in lines that begin with a tab. */
function attributes(text: string): JobAttributes {
  const [before = '', ...after] = text.replaceAll('\n\t', '').split(/^(?= {4}Variable_List = )/m);
  // A variable's value may have lines of its own that look like attributes. What PBS says before the variables stands, and
  // of what follows the last word is PBS's.
  return new Map([
    ...pairs(after.join(''), /^ {4}([\w.]+) = (.*)$/gm),
    ...pairs(before, /^ {4}([\w.]+) = (.*)$/gm),
  ]);
}

/** Each attribute is one line that begins with a tab. */
function slurmAttributes(text: string): JobAttributes {
  return pairs(text, /^\t([\w.]+) = (.*)$/gm);
}

function pairs(text: string, line: RegExp): JobAttributes {
  return new Map([...text.matchAll(line)].map(([, name = '', value = '']) => [name, value]));
}
