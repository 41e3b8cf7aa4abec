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

/** A freeze that has begun and is not over. */
interface Closing {
  readonly thaw: () => Promise<void>;
}

/** While filesystems are frozen only what cannot touch them is served. */
export class FreezeGate implements FreezeGateContract {
  readonly #options: FreezeGateOptions;
  #closing: Closing | undefined;

  constructor(options: FreezeGateOptions) {
    this.#options = options;
  }

  get frozen(): boolean {
    return this.#closing !== undefined;
  }

  async close(thaw: () => Promise<void>): Promise<void> {
    if (this.#closing) throw new AgentError('ALREADY_QUIESCED');
    const own = { thaw };
    this.#closing = own;
    try {
      await this.#options.freezing();
    } catch (error) {
      // A later freeze is not to be opened because of an earlier one that was given up.
      if (this.#closing === own) this.open();
      throw error;
    }
    if (this.#closing === own) return;
    throw new AgentError('QUIESCE_FAILED', { detail: 'thawed before everything was frozen' });
  }

  open(): void {
    if (!this.#closing) return;
    this.#closing = undefined;
    this.#options.thawed();
  }

  /** For an agent that stops: nothing else that it does then may touch what is frozen. */
  async thaw(): Promise<void> {
    await this.#closing?.thaw();
    this.open();
  }

  /** @returns why the method is not served now */
  denial(method: AnyMethod): AgentError | undefined {
    if (!this.#closing || SERVED_WHILE_FROZEN.has(method)) return undefined;
    return new AgentError('ALREADY_QUIESCED', {
      detail: `${method.name} is not served while filesystems are frozen`,
    });
  }
}
