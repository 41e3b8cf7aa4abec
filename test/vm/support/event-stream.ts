import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Guest } from './guest.ts';

/** An event as the gateway passes it on. */
export interface AgentEvent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into events of every shape
  readonly data: any;
}

/** What a guest's agent says unasked, through the gateway's stream of events. */
export class EventStream {
  /** All so far, oldest first. */
  readonly seen: AgentEvent[] = [];
  readonly #response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#add(block);
    });
    response.on('error', () => undefined);
  }

  static async open({ gateway }: Guest): Promise<EventStream> {
    const request = get(`${gateway.base}/events`, { headers: gateway.headers });
    const [response] = await once(request, 'response');
    return new EventStream(response);
  }

  /** The data of all of one name. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  of(name: string): any[] {
    return this.seen.filter((event) => event.name === name).map(({ data }) => data);
  }

  close(): void {
    this.#response.destroy();
  }

  #add(block: string): void {
    const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
    if (name && data) this.seen.push({ name, data: JSON.parse(data) });
  }
}
