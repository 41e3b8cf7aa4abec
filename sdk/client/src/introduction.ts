import { Ping } from '@limiquantix/agent-proto';
import type { Caller } from './caller.ts';

/** An agent that knows of its new host has said so by then. */
const PATIENCE_MS = 2000;
/** Between one try and the next, where there is no agent yet, or what was sent to it was lost. */
const ANSWER_MS = 30_000;

/**
 * Asks an agent for its AgentReady that did not say it by itself: where a host takes the place of
 * another on a virtio port at once, the guest is not told.
 */
export class Introduction {
  readonly #client: Caller;
  readonly #isKnown: () => boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Caller, isKnown: () => boolean) {
    this.#client = client;
    this.#isKnown = isKnown;
  }

  /** The connection is open. */
  begin(): void {
    this.end();
    const timer = setTimeout(() => void this.#ask(timer), PATIENCE_MS).unref();
    this.#timer = timer;
  }

  /** It is open no more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #ask(timer: NodeJS.Timeout): Promise<void> {
    if (this.#isKnown()) return;
    try {
      await this.#client.call(Ping, { greet: true }, { timeoutMs: ANSWER_MS });
    } catch {
      // Without an agent there is no answer; of what else is wrong the next call will tell.
      if (timer === this.#timer) this.begin();
    }
  }
}
