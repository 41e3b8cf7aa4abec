import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './agent-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape
type Answer = Omit<Response, 'json'> & { json(): Promise<any> };

const LIMIT_MS = 10_000;

export interface GatewayOptions {
  /** The VM that `base` is about. */
  readonly vm?: string;
  /** A command that runs the gateway's. */
  readonly launcher?: readonly string[];
  readonly readyWithinMs?: number;
}

/** The built gateway as a process of its own, over the socket of one agent. */
export class GatewayProcess {
  /** Such as `http://127.0.0.1:1234/api/v1/vms/test/agent`. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: string, vm: string, token: string) {
    this.#process = process;
    this.base = `http://127.0.0.1:${port}/api/v1/vms/${vm}/agent`;
    this.headers = { authorization: `Bearer ${readFileSync(token, 'utf8').trim()}` };
  }

  /** Over the sockets in `vms` of a folder. Resolves when a ping through it reaches the agent. */
  static async start(
    { dir }: { readonly dir: string },
    { vm = 'test', launcher = [], readyWithinMs = LIMIT_MS }: GatewayOptions = {},
  ): Promise<GatewayProcess> {
    const token = join(dir, 'token');
    const command = [
      ...launcher,
      process.execPath,
      join(ROOT, 'sdk/gateway/dist/main.js'),
      '--vms-dir',
      join(dir, 'vms'),
      '--listen',
      '127.0.0.1:0',
      '--token-file',
      token,
    ];
    const child = spawn(command[0] as string, command.slice(1), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const port = await within(LIMIT_MS, () => /127\.0\.0\.1:([1-9]\d*)/.exec(output)?.[1]);
    const gateway = new GatewayProcess(child, port, vm, token);
    await within(readyWithinMs, async () => {
      const { connected } = await (await gateway.call('POST', '/ping')).json();
      return connected === true || undefined;
    });
    return gateway;
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    return fetch(`${this.base}${path}`, {
      method,
      headers: { ...this.headers, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await ended;
  }
}

async function within<T>(
  limitMs: number,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('the gateway does not get ready');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
