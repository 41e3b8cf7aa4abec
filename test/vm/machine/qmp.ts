import { connect, type Socket } from 'node:net';

export interface QmpEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly timestamp: { readonly seconds: number; readonly microseconds: number };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(reason: Error): void;
}

/** What a machine's monitor tells: SHUTDOWN, RESET, VSERPORT_CHANGE and the like. */
export class Events {
  /** All so far, oldest first. */
  readonly seen: QmpEvent[] = [];
  #wake: (() => void)[] = [];

  add(event: QmpEvent): void {
    this.seen.push(event);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /**
   * The first that fits, of those from `since` on (an index of `seen`) and those to come.
   * @throws Error after `timeoutMs`
   */
  async waitFor(
    name: string,
    {
      timeoutMs = 60_000,
      since = 0,
      fits = (_event: QmpEvent): boolean => true,
    }: { timeoutMs?: number; since?: number; fits?: (event: QmpEvent) => boolean } = {},
  ): Promise<QmpEvent> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.seen.slice(since).find((event) => event.event === name && fits(event));
      if (found) return found;
      const left = deadline - performance.now();
      if (left <= 0) {
        const others = this.seen.slice(since).map(({ event }) => event);
        throw new Error(`no ${name} within ${timeoutMs} ms, only: ${others.join(', ')}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

/** The monitor of a machine, as QEMU's own machine protocol has it. */
export class Qmp {
  readonly events: Events = new Events();
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#receive(JSON.parse(line));
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the machine is gone'));
    });
  }

  /** @param path may be there already and not be listened on yet */
  static async connect(path: string): Promise<Qmp> {
    const deadline = performance.now() + 20_000;
    let socket = await connected(path);
    while (!socket) {
      if (performance.now() > deadline) throw new Error(`nothing listens on ${path}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket = await connected(path);
    }
    const qmp = new Qmp(socket);
    await qmp.run('qmp_capabilities');
    return qmp;
  }

  /** @throws Error with what the machine says */
  run(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(message: Record<string, unknown>): void {
    if (typeof message.event === 'string') {
      this.events.add(message as unknown as QmpEvent);
    } else if ('return' in message) {
      this.#waiting.shift()?.resolve(message.return);
    } else if ('error' in message) {
      this.#waiting.shift()?.reject(new Error((message.error as { desc: string }).desc));
    }
  }
}

/** Undefined where nothing listens on it. */
function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.off('error', failed);
      resolve(socket);
    });
    const failed = (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error);
    socket.once('error', failed);
  });
}
