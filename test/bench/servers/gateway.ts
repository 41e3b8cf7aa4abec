import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../../support/agent-process.ts';
import { prepareRequest } from '../clients/http.ts';
import type { Workspace } from '../workspace.ts';

const PROGRAM = join(ROOT, 'sdk/gateway/dist/main.js');
const CONNECTED_LIMIT_MS = 60_000;
/** Until then a call takes up to five times as long. */
const WARM_UP_CALLS = 5000;

/** The gateway over the agents' sockets in a folder, and a client of its REST API. */
export class GatewayServer {
  readonly pid: number;
  readonly #origin: string;
  readonly #token: string;
  readonly #connections = new Agent({ keepAlive: true, maxSockets: 16 });

  private constructor(pid: number, origin: string, token: string) {
    this.pid = pid;
    this.#origin = origin;
    this.#token = token;
  }

  /** @param directory where the sockets are; resolves when it listens */
  static async start(workspace: Workspace, directory: string): Promise<GatewayServer> {
    const token = workspace.path('gateway.token');
    const args = ['--vms-dir', directory, '--listen', '127.0.0.1:0', '--token-file', token];
    const { pid, stdout } = workspace.spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: stdout as NonNullable<typeof stdout> })) {
      const [, origin] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (!origin) continue;
      stdout?.resume();
      return new GatewayServer(pid as number, origin, readFileSync(token, 'utf8').trim());
    }
    throw new Error('the gateway ended before it listened');
  }

  /** Calls a VM's agent. @returns the answer's body @throws where it is not a 200 */
  call(vmId: string, path: string, body: object = {}): Promise<string> {
    return this.#send('POST', `/api/v1/vms/${vmId}/agent${path}`, JSON.stringify(body));
  }

  /** The same call, again and again over one connection. */
  prepare(vmId: string, path: string, body: object): Promise<() => Promise<void>> {
    return prepareRequest({
      origin: this.#origin,
      path: `/api/v1/vms/${vmId}/agent${path}`,
      token: this.#token,
      body,
    });
  }

  /** A gateway runs for months: what is measured is what a call costs once it is compiled. */
  async warmUp(vmId: string, path: string, body: object): Promise<void> {
    const call = await this.prepare(vmId, path, body);
    for (let i = 0; i < WARM_UP_CALLS; i++) await call();
  }

  /** Resolves when so many agents are connected. */
  async connected(count: number): Promise<void> {
    const deadline = performance.now() + CONNECTED_LIMIT_MS;
    for (;;) {
      const list = await this.#send('GET', '/api/v1/vms');
      const connected = list.split('"connected":true').length - 1;
      if (connected >= count) return;
      if (performance.now() > deadline) throw new Error(`only ${connected} agents are connected`);
      await pause(100);
    }
  }

  #send(method: string, path: string, body?: string): Promise<string> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const options = { method, agent: this.#connections, headers };
      const asked = request(this.#origin + path, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.once('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`the gateway answered ${response.statusCode}: ${text}`));
        });
      });
      asked.once('error', reject).end(body);
    });
  }
}
