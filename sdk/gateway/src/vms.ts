import { constants, type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { AgentClient } from '@limiquantix/agent-client';
import { AgentError } from '@limiquantix/agent-proto';
import { Refusal } from './problem.ts';
import { inTurns } from './turns.ts';

export interface VmsOptions {
  /** Holds one socket for each VM: `{vm_id}.agent.sock`. It may not exist yet. */
  readonly directory: string;
  readonly connect: (vmId: string, path: string) => AgentClient;
  /**
   * How often to look for what the watch does not tell: a directory that was not there, or
   * was replaced. @default 3000 ms
   */
  readonly rescanMs?: number;
  /** Told once when the directory becomes unreadable, or writable for everybody. */
  readonly onUnreadable: (error: NodeJS.ErrnoException) => void;
}

const SUFFIX = '.agent.sock';
const VM_ID = /^(?!.*\.\.)[A-Za-z0-9._-]{1,128}$/;
/** Events of one burst are answered by one look at the directory. */
const SETTLE_MS = 20;
/** Of its time, where VMs come and go without end: to look takes 15 ms where there are 10,000. */
const LOOKING_PART = 0.1;
/** A busy machine makes a look long: a VM that comes then must not wait for its share too. */
const MOST_SETTLE_MS = 500;
/** A directory that changes twice within a tick of the kernel's clock shows one time for both. */
const TICK_MS = 100;
const RESCAN_MS = 3000;
/** How long a call waits for the first connection to a VM that was found just now. */
const FIRST_CONNECT_MS = 1000;

/** The VMs of this node: one client for each socket in the directory, shared by all callers. */
export class Vms {
  readonly #options: VmsOptions;
  readonly #clients = new Map<string, AgentClient>();
  #watcher: FSWatcher | undefined;
  /** Which directory is watched; it may be another one of the same name tomorrow. */
  #watched = '';
  /** When it had last changed when it was last read. */
  #readAsOf: number | undefined;
  #settleMs = SETTLE_MS;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #changed = false;
  #readable = true;
  #closed = false;

  constructor(options: VmsOptions) {
    this.#options = options;
  }

  /** Finds the VMs that are there now, and from then on those that come and go. */
  async open(): Promise<void> {
    this.#looking = this.#look();
    await this.#looking;
  }

  /**
   * The client of a VM, which may be without a connection.
   * @throws Refusal 404 where there is no such VM; AgentError CONNECTION_LOST once it is closed
   */
  async get(vmId: string): Promise<AgentClient> {
    const client = this.#clients.get(vmId);
    if (this.#closed) {
      throw new AgentError('CONNECTION_LOST', {
        detail: 'the gateway stops',
        resolution: 'Call again when it has started again',
      });
    }
    if (!client) {
      throw new Refusal(404, 'DEVICE_NOT_FOUND', {
        detail: 'no such VM on this node',
        context: `No ${SUFFIX} socket of that name in ${this.#options.directory}`,
        resolution: 'See GET /api/v1/vms; the VM must be started and have an agent channel',
      });
    }
    if (client.state === 'connecting' && !client.lastError) await firstAttempt(client);
    return client;
  }

  /** In the order of their ids. */
  list(): [vmId: string, client: AgentClient][] {
    return [...this.#clients].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unwatch();
    await this.#looking;
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.close()));
  }

  async #look(): Promise<void> {
    const began = performance.now();
    const told = this.#changed;
    this.#changed = false;
    const asOf = await this.#watch();
    if (told || asOf === undefined || asOf !== this.#readAsOf) {
      const found = await this.#sockets();
      this.#readAsOf = found && asOf;
      const share = (performance.now() - began) / LOOKING_PART;
      this.#settleMs = Math.min(Math.max(SETTLE_MS, share), MOST_SETTLE_MS);
      if (found) await this.#update(found);
    }
    this.#lookAgainIn(this.#changed ? this.#settleMs : (this.#options.rescanMs ?? RESCAN_MS));
  }

  #lookAgainIn(delayMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = globalThis.setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#look();
    }, delayMs);
  }

  /**
   * Before the directory is read, so that nothing is missed in between.
   * @returns when it last changed; undefined where only reading it will tell
   */
  async #watch(): Promise<number | undefined> {
    const { directory } = this.#options;
    const now = await stat(directory).catch(() => undefined);
    const identity = now ? `${now.dev} ${now.ino} ${now.birthtimeMs}` : '';
    if (identity !== this.#watched && !this.#closed) this.#watchAnew(identity);
    // Also the time of a clock that was set back tells nothing.
    const isPast = now !== undefined && Date.now() - now.mtimeMs > TICK_MS;
    return this.#watcher && isPast ? now.mtimeMs : undefined;
  }

  #watchAnew(identity: string): void {
    const { directory } = this.#options;
    this.#unwatch();
    if (!identity) return;
    try {
      this.#watcher = watch(directory, () => this.#onChange()).on('error', () => this.#unwatch());
      this.#watched = identity;
    } catch {
      // Without a watch (the system's limit is reached) the slow look remains, which tries again.
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = '';
  }

  /** One event is enough, however many the kernel's full queue lost: the directory is read after it. */
  #onChange(): void {
    if (this.#changed) return;
    this.#changed = true;
    // No timer: it is looking just now, and will look again.
    if (this.#timer) this.#lookAgainIn(this.#settleMs);
  }

  /**
   * Whoever can put a socket there can pose as a VM, and is told passwords that are for it.
   * @returns undefined where the directory could not be used: then nothing is known to have gone
   */
  async #sockets(): Promise<Set<string> | undefined> {
    const { directory } = this.#options;
    try {
      const { mode } = await stat(directory);
      if (mode & constants.S_IWOTH)
        throw new Error(`anybody may write to ${directory}: chmod o-w it`);
      const entries = await readdir(directory, { withFileTypes: true });
      this.#readable = true;
      const found = new Set<string>();
      await inTurns(entries, (entry) => {
        const { name } = entry;
        const id = name.slice(0, -SUFFIX.length);
        if (name.endsWith(SUFFIX) && entry.isSocket() && VM_ID.test(id)) found.add(id);
      });
      return found;
    } catch (thrown) {
      const error = thrown as NodeJS.ErrnoException;
      if (error.code === 'ENOENT') return new Set();
      if (this.#readable) this.#options.onUnreadable(error);
      this.#readable = false;
      return undefined;
    }
  }

  async #update(found: ReadonlySet<string>): Promise<void> {
    for (const [vmId, client] of this.#clients) {
      if (found.has(vmId)) continue;
      this.#clients.delete(vmId);
      void client.close();
    }
    await inTurns(found, (vmId) => {
      if (this.#closed || this.#clients.has(vmId)) return;
      const path = join(this.#options.directory, vmId + SUFFIX);
      this.#clients.set(vmId, this.#options.connect(vmId, path));
    });
  }
}

/** A VM is known before it is connected: calls of that moment wait instead of failing. */
async function firstAttempt(client: AgentClient): Promise<void> {
  const deadline = performance.now() + FIRST_CONNECT_MS;
  while (client.state === 'connecting' && !client.lastError && performance.now() < deadline) {
    await setTimeout(5);
  }
}
