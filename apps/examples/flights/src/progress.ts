import { SingleBar } from 'cli-progress';

/** A terminal, a file or a pipe. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shows how far the work is. */
export interface Progress {
  /** One more piece is done. */
  readonly tick: () => void;
  /** Nothing more will come. */
  readonly stop: () => void;
}

/** A bar on a terminal; elsewhere a line for every tenth of the work, which reads well in a log. */
export function showProgress(what: string, total: number, out: Output = process.stdout): Progress {
  return out.isTTY ? barProgress(what, total, out) : lineProgress(what, total, out);
}

function barProgress(what: string, total: number, stream: Output): Progress {
  const bar = new SingleBar({
    format: `${what} [{bar}] {value}/{total}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream,
  });
  bar.start(total, 0);
  return {
    tick: () => {
      bar.increment();
    },
    stop: () => {
      bar.stop();
    },
  };
}

function lineProgress(what: string, total: number, out: Output): Progress {
  let done = 0;
  return {
    tick: () => {
      const tenthsBefore = Math.floor((10 * done) / total);
      done += 1;
      if (Math.floor((10 * done) / total) > tenthsBefore) out.write(`${what} ${done}/${total}\n`);
    },
    stop: () => undefined,
  };
}
