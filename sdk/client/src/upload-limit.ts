import { AgentError, GetCapabilities } from '@limiquantix/agent-proto';
import type { Caller } from './caller.ts';

/** What every agent takes, also one that does not tell. */
const SURE_BYTES = 64 * 1024;
/** A file_write has a path and an envelope besides its data. */
const OVERHEAD_BYTES = 8 * 1024;
/** An agent that claims to take less would make an upload endless. */
const LEAST_BYTES = 4 * 1024;

/** How much data the agent takes in one request; asked once for each connection. */
export class UploadLimit {
  readonly #client: Caller;
  #bytes: Promise<number> | undefined;

  constructor(client: Caller) {
    this.#client = client;
  }

  /** @throws AgentError where the agent does not answer */
  bytes(): Promise<number> {
    this.#bytes ??= this.#ask();
    return this.#bytes;
  }

  /** The next agent on this channel may be another one. */
  forget(): void {
    this.#bytes = undefined;
  }

  async #ask(): Promise<number> {
    try {
      const { maxChunkBytes, maxMessageBytes } = await this.#client.call(GetCapabilities, {});
      const chunk = maxChunkBytes || SURE_BYTES;
      const message = maxMessageBytes || chunk + OVERHEAD_BYTES;
      return Math.max(LEAST_BYTES, Math.min(chunk, message - OVERHEAD_BYTES));
    } catch (error) {
      this.forget();
      if (AgentError.is(error) && error.name === 'UNKNOWN_MESSAGE_TYPE') return SURE_BYTES;
      throw error;
    }
  }
}
