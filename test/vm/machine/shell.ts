import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface CommandResult {
  /** The exit status; 128 and the signal's number for a command that was killed. */
  readonly status: number;
  /** What it printed on stdout and stderr, as it came. */
  readonly stdout: string;
}

const FIRST_PROBE_MS = 500;
const LONGEST_PROBE_MS = 5000;

/** The root shell on the guest's console: a way in beside the agent. */
export class Shell {
  readonly #socket: Socket;
  #received = '';
  #onData: () => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
    // One byte a character: a chunk may end in the middle of a longer one.
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text;
      this.#onData();
    });
    socket.on('error', () => undefined);
  }

  static async connect(path: string): Promise<Shell> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new Shell(socket);
  }

  /** Resolves when it takes commands, also after the guest was started anew. */
  async ready(timeoutMs = 120_000): Promise<void> {
    // What is written while no shell is there may be lost: the same is asked again. More and more
    // seldom, for most of it is kept, and a guest that just booted would be busy answering it all.
    const tag = newTag();
    let again: NodeJS.Timeout | undefined;
    const ask = (pauseMs: number) => {
      this.#socket.write(`${tag} Og==\n`);
      again = setTimeout(() => ask(Math.min(2 * pauseMs, LONGEST_PROBE_MS)), pauseMs);
    };
    ask(FIRST_PROBE_MS);
    const answer = this.#until(
      () => (this.#received.includes(`<${tag} `) ? true : null),
      timeoutMs,
    );
    const answered = await answer.finally(() => clearTimeout(again));
    if (!answered) throw new Error(`the guest has no shell within ${timeoutMs} ms`);
  }

  /** Runs a command line with bash, one after the other. @throws Error after `timeoutMs` */
  run(command: string, timeoutMs = 60_000): Promise<CommandResult> {
    const result = this.#last.then(() => this.#run(command, timeoutMs));
    this.#last = result.catch(() => undefined);
    return result;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #run(command: string, timeoutMs: number): Promise<CommandResult> {
    const tag = newTag();
    const end = `<${tag} `;
    const pattern = new RegExp(`<${tag}>([^]*)${end}(\\d+)>`);
    this.#received = '';
    this.#socket.write(`${tag} ${Buffer.from(command).toString('base64')}\n`);
    const match = await this.#until(
      () => (this.#received.includes(end) ? pattern.exec(this.#received) : null),
      timeoutMs,
    );
    if (!match) {
      throw new Error(
        `the guest did not finish within ${timeoutMs} ms: ${command}\n${this.#received.slice(-2000)}`,
      );
    }
    const [, output = '', status] = match;
    return { status: Number(status), stdout: Buffer.from(output, 'latin1').toString() };
  }

  #until<T>(look: () => T | null, timeoutMs: number): Promise<T | null> {
    return new Promise((resolve) => {
      const end = (found: T | null) => {
        clearTimeout(timer);
        this.#onData = () => undefined;
        resolve(found);
      };
      const timer = setTimeout(() => end(null), timeoutMs);
      this.#onData = () => {
        const found = look();
        if (found) end(found);
      };
    });
  }
}

function newTag(): string {
  return randomBytes(6).toString('hex');
}
