import type { Event } from 'zeromq';

/** Why a connection was not let in, as the log says it. */
export const REFUSALS = {
  unknownKey: 'its key is not one of this run; each run makes new ones',
  otherServerKey: 'it takes this interchange for another one: its key file is not of this run',
  otherMechanism: 'it does not encrypt as this interchange does, or not at all',
  notZeroMq: 'what it sent is not what ZeroMQ sends',
  silent: 'it did not say who it is in the time that it had',
  /** Pools that try several addresses do so as well. */
  left: 'it left before it had said who it is',
} as const;

export type Refusal = keyof typeof REFUSALS;

/** What a failed handshake says about the peer; `undefined`: the authenticator knows better, or it is another event. */
export function refusalOf(event: Event): Refusal | undefined {
  switch (event.type) {
    case 'handshake:error:protocol':
      return PROTOCOL_ERRORS[codeOf(event.error)] ?? 'notZeroMq';
    case 'handshake:error:other':
      return codeOf(event.error) === 'EAGAIN' ? 'silent' : 'left';
    default:
      return undefined;
  }
}

const PROTOCOL_ERRORS: Readonly<Record<string, Refusal>> = {
  ERR_ZMTP_CRYPTOGRAPHIC: 'otherServerKey',
  ERR_ZMTP_MECHANISM_MISMATCH: 'otherMechanism',
};

function codeOf(error: Error): string {
  return String(Reflect.get(error, 'code'));
}
