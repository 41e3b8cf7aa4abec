import { Events } from '../machine/qmp.ts';
import type { Guest } from './guest.ts';

const EVENT = /^event: (\S+)\ndata: (.*)$/;

/** What a guest's agent tells unasked, as the gateway passes it on until it is stopped. */
export async function agentEvents(guest: Guest): Promise<Events> {
  const events = new Events();
  const { body } = await guest.gateway.call('GET', '/events');
  if (!body) throw new Error('the stream of events is empty');
  // It ends with the gateway.
  void collect(body, events).catch(() => undefined);
  return events;
}

async function collect(body: ReadableStream<Uint8Array>, events: Events): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    const blocks = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event, data] = EVENT.exec(block) ?? [];
      if (!event || !data) continue;
      const seconds = Date.now() / 1000;
      events.add({ event, data: JSON.parse(data), timestamp: { seconds, microseconds: 0 } });
    }
  }
}
