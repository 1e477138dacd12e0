import type { MessagePort } from 'node:worker_threads';

/** What a thread is asked to do. */
export interface ThreadRequest {
  /** URL of the module whose default export is the function. */
  readonly url: string;
  readonly args: readonly unknown[];
  readonly taskId: number;
  readonly attempt: number;
  /** Position at which the function takes its context, or -1. */
  readonly contextIndex: number;
  /** Tells the function to stop, by a message with the reason; there if it takes a context. */
  readonly stop: MessagePort | undefined;
  /** Number under which to announce that the function starts; there if somebody waits for it. */
  readonly announce: number | undefined;
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
}

/** What a thread answers. */
export type ThreadReply =
  | { readonly ok: true; readonly value: unknown }
  /** An error, encoded, so that its fields and causes survive. */
  | { readonly ok: false; readonly codec: number; readonly bytes: Uint8Array };

/** Announces that a function starts. */
export interface ThreadAnnouncement {
  readonly parslStarted: number;
}

/** Whether a message of a thread is an announcement; user code may send messages of its own. */
export function isAnnouncement(message: unknown): message is ThreadAnnouncement {
  return (
    typeof message === 'object' &&
    message !== null &&
    'parslStarted' in message &&
    typeof message.parslStarted === 'number'
  );
}
