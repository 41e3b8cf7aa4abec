import { PluginCall } from '@limiquantix/agent-proto';
import type { FastifyInstance } from 'fastify';
import { AGENT, type AgentRoute, readRequest } from '../call-route.ts';
import { leaving } from '../caller.ts';
import { decodeBytes, type Encoding, encodeBytes } from '../encoding.ts';
import { oneOf, type Schema, wholeNumber } from '../schema.ts';
import type { Vms } from '../vms.ts';

/** Of a plugin's own types the gateway knows nothing: the caller says what its payloads are. */
type PayloadEncoding = Encoding | 'json';

interface CallBody {
  readonly payload?: unknown;
  readonly encoding?: PayloadEncoding;
  readonly timeout_seconds?: number;
}

const BODY: Schema = {
  type: 'object',
  properties: {
    payload: {},
    encoding: oneOf(['utf-8', 'base64', 'json']),
    timeout_seconds: wholeNumber(1, 86_400),
  },
  additionalProperties: false,
  description: 'an object',
};

const DEFAULT_TIMEOUT_SECONDS = 30;

/** A method that a third-party plugin adds. */
export function addPluginCall(app: FastifyInstance, vms: Vms): void {
  app.post<AgentRoute & { Body: CallBody }>(
    `${AGENT}/plugins/:plugin/call/:method`,
    { schema: { body: BODY } },
    async (request, reply) => {
      const { vm_id, plugin = '', method = '' } = request.params;
      const { payload, encoding = 'utf-8', timeout_seconds } = request.body;
      const bytes = readRequest(() => decodePayload(payload, encoding));
      const agent = await vms.get(vm_id);
      const answer = await agent.call(
        PluginCall,
        { plugin, method, payload: bytes },
        {
          signal: leaving(reply),
          timeoutMs: (timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
        },
      );
      const { text, encoding: form } = encodeBytes(answer.payload);
      if (encoding !== 'json' || form !== 'utf-8' || !isJson(text)) {
        return { success: true, payload: text, encoding: form };
      }
      // As the plugin wrote it: writing it anew would round its numbers, and recurse as deep as it nests.
      reply.type('application/json');
      return reply.send(`{"success":true,"payload":${text},"encoding":"json"}`);
    },
  );
}

function decodePayload(payload: unknown, encoding: PayloadEncoding): Uint8Array {
  if (payload === undefined) return new Uint8Array();
  if (encoding === 'json') return Buffer.from(JSON.stringify(payload));
  if (typeof payload !== 'string') {
    throw new TypeError('payload must be text; with "encoding": "json" it may be any JSON');
  }
  return decodeBytes('payload', payload, encoding);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
