import type { PackedRecord, Registration } from '@parsl-ts/wire';

import type { BadPool } from '../link/link-protocol.js';

/** What the interchange's state machine wants done, in order. `to` is the id of a manager. */
export type Instruction =
  | { readonly do: 'send-tasks'; readonly to: string; readonly records: readonly PackedRecord[] }
  | { readonly do: 'send-code'; readonly to: string; readonly frames: readonly Buffer[] }
  | {
      readonly do: 'send-cancel';
      readonly to: string;
      readonly submissions: readonly number[];
      readonly reason: string;
    }
  | { readonly do: 'send-recall'; readonly to: string; readonly tasks: number }
  | {
      readonly do: 'send-registered' | 'send-heartbeat' | 'send-shutdown';
      readonly to: string;
    }
  /** It is asked what it holds; `asked` is the number of the question. */
  | { readonly do: 'send-unknown'; readonly to: string; readonly asked: number }
  | { readonly do: 'send-refused'; readonly to: string; readonly reason: string }
  /** These wait again: no manager has them any more. */
  | { readonly do: 'note-waiting'; readonly submissions: readonly number[] }
  /** The submit process is to send these tasks again: they were lost on their way to a manager. */
  | { readonly do: 'ask-again'; readonly submissions: readonly number[] }
  | { readonly do: 'report-results'; readonly records: readonly PackedRecord[] }
  | { readonly do: 'report-joined'; readonly id: string; readonly registration: Registration }
  | { readonly do: 'report-bad'; readonly pool: BadPool }
  | { readonly do: 'report-left'; readonly id: string; readonly reason: string; readonly lost: boolean };
