import { AgentError } from '@limiquantix/agent-proto';
import type { Logger } from '@limiquantix/plugin-sdk';
import type { Channel, ChannelEvents } from './channel.ts';
import { openChannel } from './open.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export interface KeepOpenOptions {
  readonly device: string;
  readonly onPeer: ChannelEvents['onPeer'];
  readonly log: Logger;
}

/**
 * Keeps a channel open for as long as the agent runs: a device that is missing, busy or
 * lost is tried again, and said once for each reason.
 */
export class KeptChannel {
  readonly #options: KeepOpenOptions;
  #channel: Channel | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE_MS;
  #openedAt = 0;
  #lastReason = '';
  #closed = false;

  constructor(options: KeepOpenOptions) {
    this.#options = options;
  }

  /** Resolves after the first try, whether or not it went well. */
  async open(): Promise<void> {
    const { device, onPeer, log } = this.#options;
    try {
      const channel = await openChannel(device, { onPeer, onLost: (error) => this.#lost(error) });
      if (this.#closed) return void channel.close();
      this.#channel = channel;
      this.#openedAt = performance.now();
      log.info('channel open', { device: channel.name });
    } catch (thrown) {
      this.#retry(AgentError.from(thrown));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#channel?.close();
  }

  #lost(cause: Error): void {
    const channel = this.#channel;
    if (!channel) return;
    this.#channel = undefined;
    void channel.close();
    // One that breaks as soon as it is open is no better than one that does not open.
    if (performance.now() - this.#openedAt > LONGEST_PAUSE_MS) {
      this.#pause = FIRST_PAUSE_MS;
      this.#lastReason = '';
    }
    this.#retry(new AgentError('CONNECTION_LOST', { detail: cause.message, cause }));
  }

  #retry(reason: AgentError): void {
    if (this.#closed) return;
    const text = reason.toString();
    if (text !== this.#lastReason) {
      this.#lastReason = text;
      this.#options.log.warn(text, { resolution: reason.resolution, retrying: true });
    }
    this.#timer = setTimeout(() => void this.open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}
