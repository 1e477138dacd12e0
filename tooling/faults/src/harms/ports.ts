import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Combination } from '../combination.js';
import type { RunPlan } from '../faulty-run.js';
import { LONG_MS, type Harm } from '../harm.js';
import { planFor } from '../moments.js';
import type { Setup } from '../setup.js';
import { PoolElsewhere } from './network.js';

/** There is no port to listen on, or none to connect from. */
export function noPorts({ when }: Combination): Setup {
  return when === 'starting' ? portInUse() : new NoLocalPorts();
}

/** The only port that the interchange may have is somebody else's. */
function portInUse(): Setup {
  const server = createServer().listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    plan: {
      ...planFor({ who: 'submit process', when: 'starting' }),
      holdAtStart: undefined,
      executor: { workerPortRange: [port, port] },
    },
    by: 'submit process',
    harm: { strike: () => undefined, lastsMs: Infinity, relent: () => undefined },
    [Symbol.dispose]: () => void server.close(),
  };
}

/** The one port that processes of the pool's host may connect from. */
const LOCAL_PORT = 50_000;
/** Listens there, says so, and does so until it is ended. */
const LISTENER = `require('node:net').createServer().listen(${LOCAL_PORT}, () => console.log('listening'))`;

/** The pool's host has no port left for it to connect from, for a while. */
class NoLocalPorts extends PoolElsewhere implements Setup {
  readonly plan: RunPlan = this.planFor('starting');
  readonly reach = 'starting';
  readonly harm: Harm = {
    strike: () => undefined,
    lastsMs: LONG_MS,
    relent: () => {
      this.holder.kill('SIGKILL');
    },
  };
  private readonly holder = this.takeAll();

  override [Symbol.dispose](): void {
    this.holder.kill('SIGKILL');
    super[Symbol.dispose]();
  }

  private takeAll() {
    const range = `echo ${LOCAL_PORT} ${LOCAL_PORT} >/proc/sys/net/ipv4/ip_local_port_range`;
    const [program = '', ...words] = this.hosts.onSecond.split(' ');
    return spawn(
      program,
      [...words, 'sh', '-c', `${range}; exec "$@"`, 'sh', process.execPath, '-e', LISTENER],
      {
        stdio: 'ignore',
      },
    );
  }
}
