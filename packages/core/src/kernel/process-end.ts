import process from 'node:process';

/** What must not outlive its process. */
export interface Endable {
  /** Ends in good order. */
  close(): Promise<void>;
  /** The same for a process that is about to end: tells nothing more to the program, which is not to go on with it. */
  closeForGood(): Promise<void>;
  /** Ends what was started outside of this process before it returns. */
  closeNow(): void;
}

/**
 * The signals that ask a process to end. A listener to SIGHUP undoes no `nohup`: Node.js itself has given signals their usual
 * effect back when it started.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndSignal = (typeof SIGNALS)[number];

/** How long a signal waits for `close()`, in ms. */
const SIGNAL_PATIENCE_MS = 10_000;

const live = new Set<Endable>();
let ending = false;

/**
 * Sees to it that `endable` ends with the process, however that comes about, until the returned function is called. A
 * process with nothing left to do closes it; one that exits, also by an uncaught exception, ends it at once; Ctrl-C, SIGTERM
 * and SIGHUP (a terminal that is closed) close it and then take their usual effect. When the program listens to such a signal itself, that is its
 * decision, and nothing is done here.
 */
export function endWithProcess(endable: Endable): () => void {
  if (live.size === 0) {
    process.on('beforeExit', closeAll);
    process.on('exit', closeAllNow);
    for (const signal of SIGNALS) {
      process.on(signal, onSignal);
    }
  }
  live.add(endable);
  return () => {
    live.delete(endable);
    if (live.size === 0 && !ending) {
      removeListeners();
    }
  };
}

function removeListeners(): void {
  process.off('beforeExit', closeAll);
  process.off('exit', closeAllNow);
  for (const signal of SIGNALS) {
    process.off(signal, onSignal);
  }
}

function closeAll(): void {
  for (const each of live) {
    each.close().catch(() => undefined);
  }
}

function closeAllNow(): void {
  for (const each of live) {
    each.closeNow();
  }
}

function onSignal(signal: EndSignal): void {
  if (ending) {
    endBy(signal);
    return;
  }
  if (process.listenerCount(signal) > 1 + signalExitListeners()) {
    return;
  }
  ending = true;
  const patience = setTimeout(() => {
    endBy(signal);
  }, SIGNAL_PATIENCE_MS);
  void Promise.allSettled([...live].map((each) => each.closeForGood())).finally(() => {
    clearTimeout(patience);
    endBy(signal);
  });
}

/** Ends the process as the signal would have, so that its exit status is right. */
function endBy(signal: EndSignal): void {
  closeAllNow();
  removeListeners();
  process.kill(process.pid, signal);
}

/**
 * How many listeners to each signal belong to the package signal-exit, which many command-line packages contain. They
 * decide nothing: they wait to be the last, and then let the signal take effect.
 */
function signalExitListeners(): number {
  const fourth: unknown = Reflect.get(globalThis, Symbol.for('signal-exit emitter'));
  const third: unknown = Reflect.get(process, '__signal_exit_emitter__');
  return countOf(fourth) + countOf(third);
}

function countOf(emitter: unknown): number {
  const count: unknown = typeof emitter === 'object' && emitter !== null ? Reflect.get(emitter, 'count') : 0;
  return typeof count === 'number' ? count : 0;
}
