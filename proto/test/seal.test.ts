import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AgentErrorCodec, decode, encode, eventCodec, openEnvelope, seal } from '../src/codec.ts';
import { AgentError } from '../src/errors/agent-error.ts';
import { PluginEmitted } from '../src/event.ts';
import { PAYLOADS } from './support/codecs.ts';
import { hasProtoc, PROTOC_MISSING, protocDecode } from './support/protoc.ts';
import { AgentMessage, bytesAsText, ours, type Plain, parseText } from './support/schema.ts';

const TIMESTAMP = Date.UTC(2026, 0, 25, 10, 30) + 0.5;
const head = (field: number) => ({ id: 'seal-1', field, timestamp: TIMESTAMP });

/** Everything that may be sent as a part of its own. */
const BULK = PAYLOADS.flatMap(({ field, codec, bulk }) => (bulk ? [{ field, codec, bulk }] : []));

describe('a large bytes field', () => {
  it.each(BULK)('of $codec.name is the last part, not copied', ({ field, codec, bulk }) => {
    const data = randomBytes(4096);
    const message = { [bulk.name]: data, mimeType: 'x', error: 'e', path: '/p', plugin: 'acme' };
    const frame = seal('plain', head(field), codec, message, bulk);
    expect(frame.parts.at(-1)).toBe(data);
    const bytes = Buffer.concat(frame.parts);
    expect(frame.bytes).toBe(bytes.length);
    expect(frame.bytes).toBeLessThan(data.length + 200);
    expect(bytes.readUInt32BE(0)).toBe(bytes.length - 4);

    const known = decode(codec, encode(codec, message));
    const envelope = openEnvelope(bytes.subarray(4));
    expect(decode(codec, envelope.payload)).toEqual(known);
    // And for who reads it without us.
    const reflected = AgentMessage.decode(bytes.subarray(4)) as unknown as Plain;
    const name = reflected.payload as string;
    const type = AgentMessage.fields[name]?.resolvedType as typeof AgentMessage;
    expect(AgentMessage.fields[name]?.id).toBe(field);
    expect(ours(type, reflected[name] as Plain)).toEqual(bytesAsText(known));
  });

  it.for(BULK)('of $codec.name is read by protoc', ({ field, codec, bulk }, { skip }) => {
    skip(!hasProtoc(), PROTOC_MISSING);
    const data = randomBytes(5000);
    const frame = seal('plain', head(field), codec, { [bulk.name]: data, error: 'e' }, bulk);
    const text = protocDecode(Buffer.concat(frame.parts).subarray(4));
    const message = parseText(AgentMessage, text);
    const payload = message[message.payload as string] as Plain;
    const wireName = bulk.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    expect(Buffer.from(payload[wireName] as Uint8Array).equals(data)).toBe(true);
  });

  it('is copied into the message below 4 KiB, where a part of its own costs more', () => {
    const { field, codec, bulk } = BULK[0] as (typeof BULK)[number];
    const data = Buffer.alloc(4095, 1);
    const { parts } = seal('plain', head(field), codec, { data }, bulk);
    expect(parts).not.toContain(data);
    expect(decode(codec, openEnvelope(Buffer.concat(parts).subarray(4)).payload).data).toEqual(
      data,
    );
  });

  it('leaves the message of its sender as it was', () => {
    const message = Object.freeze({ plugin: 'acme', event: 'e', payload: randomBytes(10_000) });
    seal('plain', head(110), eventCodec(PluginEmitted), message, PluginEmitted.bulk);
    expect(message.payload).toHaveLength(10_000);
  });
});

describe('a frame', () => {
  const codec = eventCodec(PluginEmitted);

  it('has the magic before its length in that dialect', () => {
    const { parts, bytes } = seal('magic', head(110), codec, { plugin: 'acme' });
    const frame = Buffer.concat(parts);
    expect(frame.subarray(0, 4).toString('latin1')).toBe('QTX\x01');
    expect(frame.readUInt32BE(4)).toBe(bytes - 8);
    expect(openEnvelope(frame.subarray(8)).id).toBe('seal-1');
  });

  it('keeps its length right where both head and tail are large', () => {
    const message = { plugin: 'p'.repeat(100_000), event: 'é', payload: randomBytes(100_000) };
    const { parts, bytes } = seal('plain', head(110), codec, message, PluginEmitted.bulk);
    expect(parts).toHaveLength(2);
    const frame = Buffer.concat(parts);
    expect(frame.readUInt32BE(0)).toBe(bytes - 4);
    expect(decode(codec, openEnvelope(frame.subarray(4)).payload)).toEqual(message);
  });

  it('carries the time with its fraction, and the error', () => {
    const info = encode(AgentErrorCodec, new AgentError('FILE_NOT_FOUND').toWire());
    const { parts } = seal('plain', { ...head(110), error: info }, codec, {});
    const message = AgentMessage.decode(Buffer.concat(parts).subarray(4)) as unknown as {
      timestamp: { seconds: unknown; nanos: number };
      error_info: { code: number };
    };
    expect(Number(String(message.timestamp.seconds))).toBe(Date.UTC(2026, 0, 25, 10, 30) / 1000);
    expect(message.timestamp.nanos).toBe(500_000);
    expect(message.error_info.code).toBe(4001);
  });
});

describe('text that has no UTF-8', () => {
  // Half of a character, as cutting a string at a length leaves it.
  it.each(['\ud83d', 'x\udc00y', `${'long '.repeat(40)}\ud83d`])(
    'is sent with U+FFFD: %j',
    (text) => {
      const codec = eventCodec(PluginEmitted);
      const read = decode(codec, encode(codec, { event: text }));
      expect(read.event).toBe(text.toWellFormed());
    },
  );

  it('neither breaks a map', () => {
    const codec = PAYLOADS.find(({ field }) => field === 102)
      ?.codec as (typeof PAYLOADS)[0]['codec'];
    const read = decode(codec, encode(codec, { details: { '\ud800': '\udfff' } }));
    expect(read.details).toEqual({ '\ufffd': '\ufffd' });
  });
});
