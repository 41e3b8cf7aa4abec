import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
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

/** What the agent's own launchers give to Node. */
const RUNTIME_FLAGS: readonly string[] = JSON.parse(
  readFileSync(join(ROOT, 'core/runtime-flags.json'), 'utf8'),
);

export interface AgentOptions {
  /** The text of agent.yaml. */
  readonly config?: string;
  readonly args?: readonly string[];
  /** Runs it as nobody, where it can harm nothing but its own folder. */
  readonly unprivileged?: boolean;
  /** Where it runs; by default right here. */
  readonly place?: AgentPlace;
  /** Its log_file, where it has one. */
  readonly logFile?: string;
}

/** Another root directory with a copy of the agent. */
export interface AgentPlace {
  /** Puts a command line there. */
  readonly enter: readonly string[];
  /** The root directory there, as seen from here. */
  readonly root: string;
  /** Paths there. */
  readonly node: string;
  readonly agent: string;
  readonly tmp: string;
}

const NOBODY = 65_534;

const HERE: AgentPlace = {
  enter: [],
  root: '',
  node: process.execPath,
  agent: AGENT,
  tmp: tmpdir(),
};

/** The built agent as a process of its own, listening on a unix socket in a folder of its own. */
export class AgentProcess {
  readonly dir: string;
  readonly socket: string;
  readonly configFile: string;
  readonly #process: ChildProcess;
  readonly #clients: AgentClient[] = [];
  readonly #logFile: string | undefined;
  #output = '';

  private constructor(options: AgentOptions) {
    const { config = '', args = [], unprivileged = false, place = HERE, logFile } = options;
    this.#logFile = logFile && place.root + logFile;
    this.dir = mkdtempSync(join(place.root + place.tmp, 'qxga-'));
    mkdirSync(join(this.dir, 'vms'));
    this.socket = join(this.dir, 'vms', 'test.agent.sock');
    this.configFile = join(this.dir, 'agent.yaml');
    this.configure(config);
    const there = (path: string) => path.slice(place.root.length);
    const files = ['--config', there(this.configFile), '--device', `unix:${there(this.socket)}`];
    const agent = [place.node, ...RUNTIME_FLAGS, place.agent];
    const [program, ...all] = [...place.enter, ...agent, ...files, ...args];
    const drop = unprivileged && process.getuid?.() === 0;
    if (drop) {
      for (const path of [this.dir, join(this.dir, 'vms'), this.configFile]) {
        chownSync(path, NOBODY, NOBODY);
      }
    }
    // The installed launcher drops it too: its certificates would count as the agent's memory.
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    this.#process = spawn(program as string, all, {
      env,
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

  /** What it printed (the last megabyte) and wrote to its log file. */
  get log(): string {
    const file = this.#logFile;
    return this.#output + (file && existsSync(file) ? readFileSync(file, 'utf8') : '');
  }

  configure(text: string): void {
    writeFileSync(this.configFile, text, { mode: 0o600 });
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#process.once('exit', () => resolve()));
  }

  /** The signal that ended it; null: none. */
  get endedBy(): NodeJS.Signals | null {
    return this.#process.signalCode;
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
    while (!this.log.includes(text)) {
      if (Date.now() > deadline || this.#process.exitCode !== null) {
        throw new Error(`the agent did not say "${text}":\n${this.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Stops it as systemd would. @returns how it ended and how long that took */
  async stop(): Promise<{ code: number | null; signal: string | null; ms: number }> {
    await Promise.all(this.#clients.map((client) => client.close()));
    const begin = performance.now();
    this.#process.kill('SIGTERM');
    this.#process.kill('SIGCONT');
    await this.ended;
    const ms = performance.now() - begin;
    rmSync(this.dir, { recursive: true, force: true });
    return { code: this.#process.exitCode, signal: this.#process.signalCode, ms };
  }
}
