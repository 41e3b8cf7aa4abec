import { type AgentEvent, type AnyEvent, EVENTS } from '@limiquantix/agent-proto';
import { decode, eventCodec } from '@limiquantix/agent-proto/codec';
import { EventStream } from './event-stream.ts';
import { type EventOptions, wholeNumber } from './options.ts';

/** A longer event is not looked at. The agent itself sends none. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

const BY_FIELD = new Map(EVENTS.map((event) => [event.field, event]));

/** Who wants which events. An event that nobody wants is not even decoded. */
export class Subscriptions {
  // biome-ignore lint/suspicious/noExplicitAny: streams of different events in one table
  readonly #streams = new Map<AnyEvent, Set<EventStream<any>>>();

  open<T>(event: AgentEvent<T>, { signal, buffer = 256 }: EventOptions): EventStream<T> {
    const streams = this.#streams.get(event) ?? new Set();
    this.#streams.set(event, streams);
    const end = () => stream.end();
    const stream = new EventStream<T>(wholeNumber('buffer', buffer, 1), () => {
      streams.delete(stream);
      signal?.removeEventListener('abort', end);
    });
    streams.add(stream);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    return stream;
  }

  /** @throws Error where somebody wants the event and it does not decode */
  deliver(field: number, payload: Uint8Array): void {
    const event = BY_FIELD.get(field);
    const streams = event && this.#streams.get(event);
    if (!streams?.size || payload.length > MAX_EVENT_BYTES) return;
    const message: unknown = decode(eventCodec(event as AnyEvent), payload);
    for (const stream of streams) stream.push(message, payload.length);
  }

  endAll(): void {
    for (const streams of this.#streams.values()) {
      for (const stream of [...streams]) stream.end();
    }
  }
}
