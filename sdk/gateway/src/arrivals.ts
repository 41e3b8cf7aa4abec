import type { FastifyBaseLogger } from 'fastify';

/** Those that come within it share a line. */
const GATHER_MS = 1000;
/** Of the VMs in one line; the others are counted. */
const NAMED = 20;

/**
 * Logs which VMs' channels were connected, all of a second in one line: a node that starts has ten
 * thousand, and a line for each would take as long as to connect.
 */
export class Arrivals {
  readonly #log: Pick<FastifyBaseLogger, 'info'>;
  #gathered: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Pick<FastifyBaseLogger, 'info'>) {
    this.#log = log;
  }

  add(vmId: string): void {
    this.#gathered.push(vmId);
    this.#timer ??= setTimeout(() => this.tell(), GATHER_MS).unref();
  }

  /** Logs what was gathered, without waiting for more. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered.length === 0) return;
    const count = this.#gathered.length;
    this.#log.info({ count, vms: this.#gathered.slice(0, NAMED) }, 'connected to agent channels');
    this.#gathered = [];
  }
}
