import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentClient } from '@limiquantix/agent-client';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const AGENT = join(ROOT, 'core/dist/limiquantix-agent.cjs');

export interface AgentOptions {
  /** The text of agent.yaml. */
  readonly config?: string;
  readonly args?: readonly string[];
  /** Runs it as nobody, where it can harm nothing but its own folder. */
  readonly unprivileged?: boolean;
}

const NOBODY = 65_534;

/** The built agent as a process of its own, listening on a unix socket in a folder of its own. */
export class AgentProcess {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'qxga-'));
  readonly socket: string;
  readonly configFile: string;
  readonly #process: ChildProcess;
  readonly #clients: AgentClient[] = [];
  #output = '';

  private constructor({ config = '', args = [], unprivileged = false }: AgentOptions) {
    mkdirSync(join(this.dir, 'vms'));
    this.socket = join(this.dir, 'vms', 'test.agent.sock');
    this.configFile = join(this.dir, 'agent.yaml');
    this.configure(config);
    const all = [AGENT, '--config', this.configFile, '--device', `unix:${this.socket}`, ...args];
    const drop = unprivileged && process.getuid?.() === 0;
    if (drop) {
      for (const path of [this.dir, join(this.dir, 'vms'), this.configFile]) {
        chownSync(path, NOBODY, NOBODY);
      }
    }
    this.#process = spawn(process.execPath, all, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(drop ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk).slice(-1_000_000);
    };
    this.#process.stdout?.on('data', keep);
    this.#process.stderr?.on('data', keep);
  }

  /** Resolves when it takes connections. */
  static async start(options: AgentOptions = {}): Promise<AgentProcess> {
    const agent = new AgentProcess(options);
    await agent.waitForLog('channel open');
    return agent;
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** What it printed; the last megabyte. */
  get log(): string {
    return this.#output;
  }

  configure(text: string): void {
    writeFileSync(this.configFile, text, { mode: 0o600 });
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  async client(): Promise<AgentClient> {
    const client = await AgentClient.connect({ path: this.socket });
    this.#clients.push(client);
    return client;
  }

  /** Resident memory in MiB. */
  memory(): number {
    const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  children(): number {
    const text = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim();
    return text === '' ? 0 : text.split(' ').length;
  }

  async waitForLog(text: string, limitMs = 10_000): Promise<void> {
    const deadline = Date.now() + limitMs;
    while (!this.#output.includes(text)) {
      if (Date.now() > deadline || this.#process.exitCode !== null) {
        throw new Error(`the agent did not say "${text}":\n${this.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Stops it as systemd would. @returns how it ended and how long that took */
  async stop(): Promise<{ code: number | null; signal: string | null; ms: number }> {
    await Promise.all(this.#clients.map((client) => client.close()));
    const begin = performance.now();
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGTERM');
      await ended;
    }
    const ms = performance.now() - begin;
    rmSync(this.dir, { recursive: true, force: true });
    return { code: this.#process.exitCode, signal: this.#process.signalCode, ms };
  }
}
