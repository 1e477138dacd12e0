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

/** What is to end with the process, whichever copy of this package it is of. */
interface Register {
  readonly live: Set<Endable>;
  ending: boolean;
  /** Takes away the listeners to the end of the process; `undefined`: there are none. */
  stopListening: (() => void) | undefined;
}

/**
 * A program may have several copies of this package. Each by itself would take a listener of another one for the program's,
 * and leave a signal to that.
 */
const REGISTER = Symbol.for('@parsl-ts/core: what ends with the process, 1');

function register(): Register {
  // Nobody else puts anything there.
  const known = Reflect.get(globalThis, REGISTER) as Register | undefined;
  const used = known ?? { live: new Set<Endable>(), ending: false, stopListening: undefined };
  if (known === undefined) {
    Object.defineProperty(globalThis, REGISTER, { value: used });
  }
  return used;
}

const shared = register();

/**
 * Sees to it that `endable` ends with the process, however that comes about, until the returned function is called. A
 * process with nothing left to do closes it; one that exits, also by an uncaught exception, ends it at once; Ctrl-C, SIGTERM
 * and SIGHUP (a terminal that is closed) close it and then take their usual effect. When the program listens to such a signal itself, that is its
 * decision, and nothing is done here.
 */
export function endWithProcess(endable: Endable): () => void {
  shared.stopListening ??= listen();
  shared.live.add(endable);
  return () => {
    shared.live.delete(endable);
    if (shared.live.size === 0 && !shared.ending) {
      stopListening();
    }
  };
}

function listen(): () => void {
  process.on('beforeExit', closeAll);
  process.on('exit', closeAllNow);
  for (const signal of SIGNALS) {
    process.on(signal, onSignal);
  }
  return () => {
    process.off('beforeExit', closeAll);
    process.off('exit', closeAllNow);
    for (const signal of SIGNALS) {
      process.off(signal, onSignal);
    }
  };
}

function stopListening(): void {
  shared.stopListening?.();
  shared.stopListening = undefined;
}

function closeAll(): void {
  for (const each of shared.live) {
    each.close().catch(() => undefined);
  }
}

function closeAllNow(): void {
  for (const each of shared.live) {
    each.closeNow();
  }
}

function onSignal(signal: EndSignal): void {
  if (shared.ending) {
    endBy(signal);
    return;
  }
  if (process.listenerCount(signal) > 1 + signalExitListeners()) {
    return;
  }
  shared.ending = true;
  const patience = setTimeout(() => {
    endBy(signal);
  }, SIGNAL_PATIENCE_MS);
  void Promise.allSettled([...shared.live].map((each) => each.closeForGood())).finally(() => {
    clearTimeout(patience);
    endBy(signal);
  });
}

/** Ends the process as the signal would have, so that its exit status is right. */
function endBy(signal: EndSignal): void {
  closeAllNow();
  stopListening();
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
