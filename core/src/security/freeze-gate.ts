import {
  AgentError,
  type AnyMethod,
  Cancel,
  GetCapabilities,
  Ping,
  Thaw,
} from '@limiquantix/agent-proto';
import type { FreezeGate as FreezeGateContract } from '@limiquantix/plugin-sdk';

const SERVED_WHILE_FROZEN: ReadonlySet<AnyMethod> = new Set<AnyMethod>([
  Ping,
  GetCapabilities,
  Thaw,
  Cancel,
]);

export interface FreezeGateOptions {
  /** Everything stops writing to disk; rejects where something cannot. */
  readonly freezing: () => Promise<void>;
  readonly thawed: () => void;
}

/** While filesystems are frozen only what cannot touch them is served. */
export class FreezeGate implements FreezeGateContract {
  readonly #options: FreezeGateOptions;
  #closed = false;
  #thaw: (() => Promise<void>) | undefined;

  constructor(options: FreezeGateOptions) {
    this.#options = options;
  }

  get frozen(): boolean {
    return this.#closed;
  }

  async close(thaw: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#thaw = thaw;
    try {
      await this.#options.freezing();
    } catch (error) {
      this.open();
      throw error;
    }
    if (this.#closed) return;
    throw new AgentError('QUIESCE_FAILED', { detail: 'thawed before everything was frozen' });
  }

  open(): void {
    if (!this.#closed) return;
    this.#closed = false;
    this.#options.thawed();
  }

  /** For an agent that stops: nothing else that it does then may touch what is frozen. */
  async thaw(): Promise<void> {
    if (this.#closed) await this.#thaw?.();
    this.open();
  }

  /** @returns why the method is not served now */
  denial(method: AnyMethod): AgentError | undefined {
    if (!this.#closed || SERVED_WHILE_FROZEN.has(method)) return undefined;
    return new AgentError('ALREADY_QUIESCED', {
      detail: `${method.name} is not served while filesystems are frozen`,
    });
  }
}
