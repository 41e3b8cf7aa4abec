import type { Duplex } from 'node:stream';
import { AgentError } from '@limiquantix/agent-proto';
import type { LogFields, Logger } from '@limiquantix/plugin-sdk';
import type { Channel, ChannelEvents } from './channel.ts';
import { openChannel } from './open.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** While another device stands in: hosts do reach the agent. */
const LONGEST_STAND_IN_PAUSE_MS = 60_000;

export interface KeepOpenOptions {
  /** The preferred one first: the others stand in for it. */
  readonly devices: readonly string[];
  readonly allowLocalVsock: boolean;
  readonly onPeer: ChannelEvents['onPeer'];
  readonly log: Logger;
}

/**
 * Keeps a channel open for as long as the agent runs: a device that is missing, busy or
 * lost is tried again, after those that stand in for it. From one of these the agent goes over to the
 * preferred one as soon as that is there and no host is cut off by it. What is wrong is said once.
 */
export class KeptChannel {
  readonly #options: KeepOpenOptions;
  /** What was said last about each device. */
  readonly #said = new Map<string, string>();
  #channel: Channel | undefined;
  /** Hosts that are connected to it. */
  #peers = 0;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE_MS;
  #standInPause = FIRST_PAUSE_MS;
  #openedAt = 0;
  #closed = false;

  constructor(options: KeepOpenOptions) {
    this.#options = options;
  }

  /** Resolves after the first try of each device, whether or not it went well. */
  async open(): Promise<void> {
    for (const device of this.#options.devices) {
      if (this.#closed) return;
      if (await this.#tryToOpen(device)) return this.#preferLater();
    }
    this.#retry();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#channel?.close();
  }

  async #tryToOpen(device: string): Promise<boolean> {
    const { allowLocalVsock, log } = this.#options;
    try {
      const channel = await openChannel(device, {
        allowLocalVsock,
        onPeer: (stream) => this.#connected(stream),
        onLost: (error) => this.#lost(device, error),
        onRefused: (reason) => this.#say(device, `connection refused: ${reason}`),
      });
      if (this.#closed) await channel.close();
      else {
        clearTimeout(this.#timer);
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

  #connected(stream: Duplex): void {
    this.#peers++;
    stream.once('close', () => {
      this.#peers--;
      this.#preferLater();
    });
    this.#options.onPeer(stream);
  }

  /** It may come with its driver, or be plugged in. Whoever is connected until then stays so. */
  #preferLater(): void {
    const [preferred] = this.#options.devices;
    const standsIn = this.#channel !== undefined && this.#channel.name !== preferred;
    if (this.#closed || !standsIn || this.#peers > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#prefer(preferred as string), this.#standInPause);
    this.#standInPause = Math.min(this.#standInPause * 2, LONGEST_STAND_IN_PAUSE_MS);
  }

  async #prefer(device: string): Promise<void> {
    const standIn = this.#channel;
    if (this.#peers > 0) return;
    if (await this.#tryToOpen(device)) await standIn?.close();
    else this.#preferLater();
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
