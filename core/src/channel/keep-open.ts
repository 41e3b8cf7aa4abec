import { AgentError } from '@limiquantix/agent-proto';
import type { LogFields, Logger } from '@limiquantix/plugin-sdk';
import type { Channel, ChannelEvents } from './channel.ts';
import { type DeviceConfig, devicesOf, openChannel } from './open.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export interface KeepOpenOptions {
  readonly config: DeviceConfig;
  readonly onPeer: ChannelEvents['onPeer'];
  readonly log: Logger;
}

/**
 * Keeps a channel open for as long as the agent runs: a device that is missing, busy or
 * lost is tried again, after those that stand in for it. What is wrong is said once.
 */
export class KeptChannel {
  readonly #options: KeepOpenOptions;
  readonly #devices: readonly string[];
  /** What was said last about each device. */
  readonly #said = new Map<string, string>();
  #channel: Channel | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE_MS;
  #openedAt = 0;
  #closed = false;

  constructor(options: KeepOpenOptions) {
    this.#options = options;
    this.#devices = devicesOf(options.config);
  }

  /** Resolves after the first try of each device, whether or not it went well. */
  async open(): Promise<void> {
    for (const device of this.#devices) {
      if (this.#closed || (await this.#tryToOpen(device))) return;
    }
    this.#retry();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#channel?.close();
  }

  async #tryToOpen(device: string): Promise<boolean> {
    const { config, onPeer, log } = this.#options;
    try {
      const channel = await openChannel(device, {
        allowLocalVsock: config.vsock_allow_local,
        onPeer,
        onLost: (error) => this.#lost(device, error),
        onRefused: (reason) => this.#say(device, `connection refused: ${reason}`),
      });
      if (this.#closed) await channel.close();
      else {
        this.#channel = channel;
        this.#openedAt = performance.now();
        log.info('channel open', { device: channel.name });
      }
      return true;
    } catch (thrown) {
      this.#warn(device, AgentError.from(thrown));
      return false;
    }
  }

  #lost(device: string, cause: Error): void {
    const channel = this.#channel;
    if (!channel) return;
    this.#channel = undefined;
    void channel.close();
    // One that breaks as soon as it is open is no better than one that does not open.
    if (performance.now() - this.#openedAt > LONGEST_PAUSE_MS) {
      this.#pause = FIRST_PAUSE_MS;
      this.#said.clear();
    }
    this.#warn(device, new AgentError('CONNECTION_LOST', { detail: cause.message, cause }));
    this.#retry();
  }

  #warn(device: string, reason: AgentError): void {
    this.#say(device, reason.toString(), { resolution: reason.resolution, retrying: true });
  }

  #say(device: string, text: string, fields: LogFields = {}): void {
    if (this.#closed || this.#said.get(device) === text) return;
    this.#said.set(device, text);
    this.#options.log.warn(text, { device, ...fields });
  }

  #retry(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}
