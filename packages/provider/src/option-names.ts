/** Options that Parsl once had and this system does not, with what took their place. */
const REMOVED: readonly { readonly names: readonly string[]; readonly instead: string }[] = [
  {
    names: ['channel', 'channels', 'sshchannel', 'localchannel'],
    instead:
      'there are no channels. Batch commands run on the submit host, in the environment of the moment: run this ' +
      'script where the batch commands are. To use another site, submit to it through Globus Compute, or start worker ' +
      'pools there by hand with parsl-worker-pool',
  },
  {
    names: ['movefiles'],
    instead:
      'there is no remote side to move scripts to. Batch commands run on the submit host and read the job script ' +
      "from the run's own submit_scripts directory",
  },
  {
    names: ['scriptdir', 'channelscriptdir', 'remotescriptdir', 'submitscriptdir'],
    instead:
      "each run has its own submit_scripts directory, which holds its job scripts and their output. Set 'runDir' of " +
      'the configuration to move all of it',
  },
  {
    names: ['envs', 'environment', 'env'],
    instead:
      'batch commands see process.env as it is when they run: set it there. What the nodes need beyond it goes into ' +
      "'workerInit'",
  },
];

/** Parsl's names that differ from ours in more than case, underscores and the unit. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['cmdtimeout', 'commandTimeoutMs'],
  ['statuspollinginterval', 'pollIntervalMs'],
  ['workerlogdirroot', 'workerLogDir'],
  ['launchcmd', 'launchCommand'],
  ['maxworkers', 'maxWorkersPerNode'],
  ['corespernode', 'cores'],
  ['maxidletime', 'maxIdleTimeMs'],
  ['statusbatchsize', 'jobsPerCommand'],
  ['bindcmd', 'bindOption'],
]);

/** Explains an option that Parsl had and that was removed; `undefined` for any other name. */
export function removedOption(name: string): string | undefined {
  const bare = bareName(name);
  return REMOVED.find((entry) => entry.names.includes(bare))?.instead;
}

/** The valid name that `name` was probably meant to be; `undefined` when none comes near. */
export function nearestOption(name: string, valid: readonly string[]): string | undefined {
  const bare = bareName(name);
  const same =
    valid.find((each) => bareName(each) === bare) ?? valid.find((each) => unitless(each) === unitless(name));
  if (same !== undefined) {
    return same;
  }
  const renamed = RENAMED.get(bare);
  if (renamed !== undefined && valid.includes(renamed)) {
    return renamed;
  }
  const near = valid
    .map((each) => ({ each, distance: editDistance(bare, bareName(each)) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near !== undefined && near.distance <= Math.max(1, Math.floor(bare.length / 3))
    ? near.each
    : undefined;
}

function bareName(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** Parsl counts in seconds and says so nowhere; our names end in their unit. */
function unitless(name: string): string {
  return bareName(name).replace(/(?:ms|gb|s)$/, '');
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const dropped = (previous[column] ?? 0) + 1;
      const added = (current[column - 1] ?? 0) + 1;
      const swapped =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
          ? (beforePrevious[column - 2] ?? Infinity) + 1
          : Infinity;
      current.push(Math.min(replaced, dropped, added, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? a.length;
}
