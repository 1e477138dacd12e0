import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import type { TwoHosts } from '@parsl-ts-internal/other-hosts';

/** Nobody has it: what is sent to it is lost on the way, without a word. */
const NOBODY = '02:00:00:00:00:01';
/** What a slow cable carries. */
const SLOW = ['rate', '20mbit', 'burst', '32kbit', 'latency', '100ms'];

/**
 * What may happen to the cable between two hosts. A way is cut by giving the other host a false hardware address, so that
 * packets vanish as on a broken line, where a switched-off device would tell the sender; this works in every kernel.
 */
export class Cable implements Disposable {
  private readonly hosts: TwoHosts;
  private noise: ChildProcess | undefined;

  constructor(hosts: TwoHosts) {
    this.hosts = hosts;
  }

  /** Loses whatever the first host (0) or the second (1) sends. */
  cutFrom(host: 0 | 1): void {
    this.hosts.ip(host, 'neigh', 'replace', ...this.neighbour(host), 'lladdr', NOBODY, 'nud', 'permanent');
  }

  /** Lets packets wait on both sides, as on a line of 20 Mbit/s. */
  slow(): void {
    for (const host of [0, 1] as const)
      inNamespace(this.hosts, host, ['tc', 'qdisc', 'add', 'dev', 'cable0', 'root', 'tbf', ...SLOW]);
  }

  /** Loses about a tenth of what is sent, either way. */
  lossy(): void {
    const round = [0, 1].flatMap((host) => {
      const neighbour = this.neighbour(host as 0 | 1).join(' ');
      const ip = `ip -n ${this.hosts.names[host as 0 | 1]} neigh`;
      return [
        `${ip} replace ${neighbour} lladdr ${NOBODY} nud permanent; sleep 0.01; ${ip} del ${neighbour}; sleep 0.06`,
      ];
    });
    this.noise = spawn('sh', ['-c', `while :; do ${round.join('; ')}; done`], {
      stdio: 'ignore',
      detached: true,
    });
  }

  /** Makes the cable whole again. */
  heal(): void {
    if (this.noise?.pid !== undefined) process.kill(-this.noise.pid, 'SIGKILL');
    this.noise = undefined;
    for (const host of [0, 1] as const) {
      quietly(() => this.hosts.ip(host, 'neigh', 'del', ...this.neighbour(host)));
      quietly(() => inNamespace(this.hosts, host, ['tc', 'qdisc', 'del', 'dev', 'cable0', 'root']));
    }
  }

  [Symbol.dispose](): void {
    this.heal();
  }

  private neighbour(host: 0 | 1): string[] {
    return [host === 0 ? this.hosts.secondAddress : this.hosts.firstAddress, 'dev', 'cable0'];
  }
}

function inNamespace(hosts: TwoHosts, host: 0 | 1, command: readonly string[]): void {
  const [program = '', ...words] = (host === 0 ? hosts.onFirst : hosts.onSecond).split(' ');
  execFileSync(program, [...words, ...command], { stdio: 'pipe', timeout: 10_000 });
}

/** What is not there need not be removed. */
function quietly(remove: () => unknown): void {
  try {
    remove();
  } catch {
    // It was not there.
  }
}
