import { type PoolKeys } from '@parsl-ts/wire';
import { Context, curveKeyPair, Reply, type Router, type SocketOptions } from 'zeromq';

const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Keys of a run, and the options of a socket that lets in only their owner. */
export interface Encryption {
  readonly keys: PoolKeys;
  /** The same server, another client. */
  readonly strange: PoolKeys;
  readonly options: SocketOptions<Router>;
  readonly end: () => void;
}

export async function encryption(): Promise<Encryption> {
  const server = curveKeyPair();
  const client = curveKeyPair();
  const context = new Context();
  const gate = new Reply({ context, linger: 0 });
  await gate.bind('inproc://zeromq.zap.01');
  void admit(gate, client.publicKey).catch(() => {});
  return {
    keys: { serverKey: server.publicKey, ...client },
    strange: { serverKey: server.publicKey, ...curveKeyPair() },
    options: {
      context,
      curveServer: true,
      curveSecretKey: server.secretKey,
      zapDomain: 'test',
      zapEnforceDomain: true,
    },
    end: () => gate.close(),
  };
}

/** Answers ZeroMQ's questions who may connect. */
async function admit(gate: Reply, publicKey: string): Promise<void> {
  for await (const [version, request, , , , , credential] of gate) {
    const isKnown = encode(credential!) === publicKey;
    await gate.send([version!, request!, isKnown ? '200' : '400', '', '', '']);
  }
}

function encode(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    let value = bytes.readUInt32BE(at);
    let digits = '';
    for (let place = 0; place < 5; place++) {
      digits = Z85.charAt(value % 85) + digits;
      value = Math.floor(value / 85);
    }
    text += digits;
  }
  return text;
}
