import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const IP = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'].find((path) => existsSync(path));

/** Why network namespaces cannot be made here, or `undefined` if they can. */
export function namespacesMissing(): string | undefined {
  if (IP === undefined) return "there is no 'ip' command (Debian: iproute2)";
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `parsl-probe-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return undefined;
  } catch (error) {
    return `network namespaces do not work here: ${String(error)}`;
  }
}

/** Tells apart what one process has made. */
let made = 0;

/** Two hosts joined by one cable, as far as the network is concerned. */
export class TwoHosts implements Disposable {
  /** Words that run a command on the first host, the one that has the run. */
  readonly onFirst: string;
  /** Words that run a command on the second host. */
  readonly onSecond: string;
  readonly firstAddress = '10.213.7.1';
  readonly secondAddress = '10.213.7.2';
  /** Of the namespaces: the first host's, the second's. */
  readonly names = [`parsl-a-${process.pid}-${++made}`, `parsl-b-${process.pid}-${made}`] as const;

  constructor() {
    const [first, second] = this.names;
    this.onFirst = `${IP ?? 'ip'} netns exec ${first}`;
    this.onSecond = `${IP ?? 'ip'} netns exec ${second}`;
    try {
      for (const name of this.names) ip('netns', 'add', name);
      ip('link', 'add', 'cable0', 'netns', first, 'type', 'veth', 'peer', 'name', 'cable0', 'netns', second);
      this.plug(first, this.firstAddress);
      this.plug(second, this.secondAddress);
      for (const name of this.names) this.untilUp(name);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const name of this.names) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was not made.
      }
    }
  }

  /** Runs `ip` with these arguments on the first host (0) or on the second (1). */
  ip(host: 0 | 1, ...args: string[]): string {
    return ip('-n', this.names[host], ...args);
  }

  private plug(name: string, address: string): void {
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'cable0');
    ip('-n', name, 'link', 'set', 'cable0', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }

  /** The kernel tells up to a second late that both ends are plugged in, and nobody sees the address before. */
  private untilUp(name: string): void {
    const deadline = Date.now() + 10_000;
    while (!ip('-n', name, '-o', 'link', 'show', 'cable0').includes('state UP')) {
      if (Date.now() > deadline) throw new Error(`the cable of ${name} does not come up`);
    }
  }
}

function ip(...args: string[]): string {
  return execFileSync(IP ?? 'ip', args, { stdio: 'pipe', timeout: 10_000, encoding: 'utf8' });
}
