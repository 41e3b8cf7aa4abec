import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { accessSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHRONYD = '/usr/sbin/chronyd';
export const CHRONYC = '/usr/bin/chronyc';
const SETPRIV = '/usr/bin/setpriv';

/** Why the real chronyd cannot be tried here; undefined where it can. */
export function whyNoChronyd(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  return [CHRONYD, CHRONYC, SETPRIV].find((path) => !isThere(path))?.concat(' is not installed');
}

/**
 * A chronyd of the test's own, on loopback. It never touches the clock: it is told not to
 * (-x), and does not have the right to either.
 */
export class Chronyd {
  readonly socket: string;
  readonly #dir: string = mkdtempSync(join(tmpdir(), 'chronyd-'));
  readonly #process: ChildProcess;

  private constructor(lines: readonly string[]) {
    this.socket = join(this.#dir, 'command.sock');
    const config = join(this.#dir, 'chrony.conf');
    const own = ['cmdport 0', `bindcmdaddress ${this.socket}`, `pidfile ${this.#dir}/pid`];
    writeFileSync(config, [...lines, ...own, ''].join('\n'));
    const powerless = ['--bounding-set=-sys_time', '--inh-caps=-sys_time'];
    const daemon = [CHRONYD, '-x', '-U', '-u', 'root', '-d', '-f', config];
    this.#process = spawn(SETPRIV, [...powerless, ...daemon], { stdio: 'ignore' });
  }

  /** One that others may ask for the time. */
  static server(port: number): Chronyd {
    return new Chronyd([
      `port ${port}`,
      'bindaddress 127.0.0.1',
      'local stratum 3',
      'allow 127.0.0.1',
    ]);
  }

  /** One that is told that its server is wrong by so much: then it takes its own clock to be. */
  static client(port: number, offsetSeconds: number): Chronyd {
    return new Chronyd([`server 127.0.0.1 port ${port} iburst offset ${offsetSeconds}`, 'port 0']);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** A UDP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
