import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import {
  AgentReady,
  type AnyEvent,
  ClipboardChanged,
  type ClipboardChangedEvent,
  ErrorReport,
  PluginEmitted,
  type PluginEvent,
  PluginStateChanged,
  Telemetry,
} from '@limiquantix/agent-proto';
import { eventCodec } from '@limiquantix/agent-proto/codec';
import { type JsonObject, toJson } from '@limiquantix/agent-proto/json';
import type { FastifyInstance } from 'fastify';
import { AGENT, type AgentRoute } from '../call-route.ts';
import { encodeBytes } from '../encoding.ts';
import { Refusal } from '../problem.ts';
import type { Vms } from '../vms.ts';
import { clipboardJson } from './clipboard.ts';

const EVENTS: readonly AnyEvent[] = [
  Telemetry,
  AgentReady,
  ErrorReport,
  ClipboardChanged,
  PluginEmitted,
  PluginStateChanged,
];
const HEARTBEAT_MS = 15_000;
/** Streams open at a time. */
const MOST_STREAMS = 1024;
/** Events of one kind that wait for a slow reader; then the oldest is dropped. */
const BUFFER = 64;

/** What a VM's agent says unasked, as server-sent events, until the caller or the VM leaves. */
export function addEvents(app: FastifyInstance, vms: Vms): void {
  const open = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const response of open) response.end();
  });
  app.get<AgentRoute>(`${AGENT}/events`, async ({ params }, reply) => {
    const agent = await vms.get(params.vm_id);
    if (open.size >= MOST_STREAMS) {
      throw new Refusal(429, 'RATE_LIMIT_EXCEEDED', {
        detail: `${MOST_STREAMS} event streams are open`,
        resolution: 'Close those that nobody reads',
      });
    }
    reply.hijack();
    const response = reply.raw;
    const left = new AbortController();
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      left.abort();
    });
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(': open\n\n');
    const heartbeat = setInterval(() => beat(response), HEARTBEAT_MS);
    const { signal } = left;
    const kinds = EVENTS.map(async (event) => {
      for await (const message of agent.events(event, {
        signal,
        buffer: event.latestOnly ? 1 : BUFFER,
      })) {
        await write(response, event, message, signal);
      }
    });
    await Promise.all(kinds).catch((error: unknown) => {
      if (!signal.aborted) reply.log.warn({ err: error }, 'an event stream failed');
    });
    clearInterval(heartbeat);
    response.end();
  });
}

/** Also finds out who does not read any more: what was written at the last beat is still there. */
function beat(response: ServerResponse): void {
  if (response.writableNeedDrain) response.destroy();
  else response.write(': alive\n\n');
}

async function write(
  response: ServerResponse,
  event: AnyEvent,
  message: object,
  signal: AbortSignal,
): Promise<void> {
  const data = JSON.stringify(eventJson(event, message));
  if (response.write(`event: ${event.name}\ndata: ${data}\n\n`)) return;
  await once(response, 'drain', { signal });
}

function eventJson(event: AnyEvent, message: object): JsonObject {
  const { name } = eventCodec(event);
  switch (event) {
    case ClipboardChanged:
      return clipboardJson(name, message as ClipboardChangedEvent);
    case PluginEmitted:
      return pluginEventJson(message as PluginEvent);
    default:
      return toJson(name, message);
  }
}

/** Its payload as text or base64, like that of a plugin's method. */
function pluginEventJson({ plugin, event, payload }: PluginEvent): JsonObject {
  const { text, encoding } = encodeBytes(payload);
  return { plugin, event, payload: text, encoding };
}
