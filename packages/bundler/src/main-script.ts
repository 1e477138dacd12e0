import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildResult } from 'esbuild';
import type { ShippingProblem } from './function-not-shippable-error.js';

/** Whether a bundle contains code of the script that this process was started with. `root`: what its paths start from. */
export function includesMainScript({ metafile }: BuildResult, root: string): boolean {
  const script = mainScript();
  const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs));
  return inputs.some(([name, { bytesInOutput }]) => bytesInOutput > 0 && join(root, name) === script);
}

/** Says so to the user. */
export function mainScriptProblem(): ShippingProblem {
  const script = mainScript() ?? '';
  return {
    kind: 'main-script',
    name: script,
    detail: `needs a module that imports the main script ${script}, so the whole program would run again on the worker`,
    place: undefined,
    remedy: 'Move what that module takes from the main script to a module of its own.',
  };
}

function mainScript(): string | undefined {
  const [, script] = process.argv;
  if (script === undefined) return undefined;
  try {
    return realpathSync(script);
  } catch {
    // Node.js was started with a text, or the file is gone.
    return undefined;
  }
}
