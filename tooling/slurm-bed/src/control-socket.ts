import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SlurmBed } from './slurm-bed.js';

/** What can be done to a part of a bed from another process. */
export const CONTROLS = ['start', 'stop', 'kill', 'freeze', 'thaw'] as const;
export type Control = (typeof CONTROLS)[number];

export function isControl(word: string): word is Control {
  return CONTROLS.some((control) => control === word);
}

/** Does to parts of a bed what other processes of its user ask for, until it is closed. */
export async function serveControl(bed: SlurmBed, path: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void answer(bed, socket));
  server.listen(path);
  await once(server, 'listening');
  return server;
}

/** Asks the process that runs a bed. Rejects with its reason when it could not be done. */
export async function askControl(path: string, control: Control, name: string): Promise<void> {
  const socket = connect(path);
  socket.end(`${control} ${name}`);
  const reason = await text(socket);
  if (reason !== '') throw new Error(reason);
}

async function answer(bed: SlurmBed, socket: Socket): Promise<void> {
  try {
    const [request] = (await once(socket, 'data')) as [Buffer];
    const [control = '', name = ''] = request.toString().split(' ');
    if (!isControl(control)) throw new Error(`there is no ${control}, but ${CONTROLS.join(', ')}`);
    await bed.daemon(name)[control]();
    socket.end();
  } catch (error) {
    socket.end(error instanceof Error ? error.message : String(error));
  }
}
