import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { AgentErrorCodec, decode, openEnvelope, seal } from '../src/codec.ts';
import { payloadOf } from './support/codecs.ts';
import { hasProtoc, PROTOC_MISSING, protocDecode } from './support/protoc.ts';
import {
  AgentMessage,
  bytesAsText,
  ours,
  type Plain,
  parseText,
  payloadFields,
  typeNamed,
} from './support/schema.ts';

const golden = new URL('golden/', import.meta.url);

interface Golden {
  readonly name: string;
  /** As protobufjs's text parser reads it. */
  readonly message: Plain;
  /** As protoc encoded it. */
  readonly bytes: Buffer;
}

const GOLDEN: readonly Golden[] = readFileSync(new URL('frames.hex', golden), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [name, bytes] = line.split(' ') as [string, string];
    const text = readFileSync(new URL(`${name}.txtpb`, golden), 'utf8');
    return { name, message: parseText(AgentMessage, text), bytes: Buffer.from(bytes, 'hex') };
  });

const payloadName = ({ name }: Golden) => name.split('.')[0] as string;
const payloadField = (golden: Golden) => AgentMessage.fields[payloadName(golden)];

function timestampMs({ message }: Golden): number {
  const { seconds, nanos } = message.timestamp as { seconds: unknown; nanos: number };
  return Number(String(seconds)) * 1000 + nanos / 1e6;
}

/** The message that was read from a golden one, written again by us. */
function sealed(golden: Golden): Buffer {
  const { id, field, payload, error } = openEnvelope(golden.bytes);
  const { codec, bulk } = payloadOf(field);
  const head = { id, field, error, timestamp: timestampMs(golden) };
  const frame = seal('plain', head, codec, decode(codec, payload), bulk);
  return Buffer.concat(frame.parts).subarray(4);
}

it('has a golden message of every payload, and the bytes of every text', () => {
  const texts = readdirSync(golden).filter((file) => file.endsWith('.txtpb'));
  expect(GOLDEN.map((g) => `${g.name}.txtpb`).sort()).toEqual(texts.sort());
  const covered = new Set(GOLDEN.map(payloadName));
  expect(payloadFields().filter((field) => !covered.has(field.name))).toEqual([]);
});

describe('what protoc encoded', () => {
  it.each(GOLDEN)('is read as it was meant: $name', (golden) => {
    const { id, field, payload, error } = openEnvelope(golden.bytes);
    expect(id).toBe(golden.message.message_id);
    expect(field).toBe(payloadField(golden)?.id);
    const type = payloadField(golden)?.resolvedType as typeof AgentMessage;
    const expected = ours(type, golden.message[payloadName(golden)] as Plain);
    expect(bytesAsText(decode(payloadOf(field).codec, payload))).toEqual(expected);
    const info = golden.message.error_info as Plain | null | undefined;
    expect(error && decode(AgentErrorCodec, error)).toEqual(
      info ? ours(typeNamed('AgentError'), info) : undefined,
    );
  });

  it.each(GOLDEN)('is byte for byte what we encode: $name', (golden) => {
    expect(sealed(golden).toString('hex')).toBe(golden.bytes.toString('hex'));
  });
});

describe('what a handler is given', () => {
  const read = (name: string): unknown => {
    const golden = GOLDEN.find((g) => g.name === name) as Golden;
    const { field, payload } = openEnvelope(golden.bytes);
    return decode(payloadOf(field).codec, payload);
  };

  it('tells an absent optional field from its default', () => {
    expect(read('file_write.mode-absent')).toMatchObject({ mode: undefined, truncate: false });
    expect(read('file_write.mode-zero')).toMatchObject({ mode: 0 });
    expect(read('execute.absent')).toMatchObject({ includeSupplementaryGroups: undefined });
    expect(read('execute.present-false')).toMatchObject({ includeSupplementaryGroups: false });
    expect(read('file_stat_response.entry-absent')).toMatchObject({ entry: undefined });
    expect(read('file_read_response.epoch')).toMatchObject({ modifiedAt: { seconds: 0 } });
  });

  it('is exact in numbers: 64 bits, below zero, not finite', () => {
    expect(read('ping')).toEqual({ sequence: 18_446_744_073_709_551_615n });
    expect(read('file_read')).toMatchObject({ offset: 9_007_199_254_740_991 });
    expect(read('file_write')).toMatchObject({ offset: 9_007_199_254_740_993n });
    expect(read('kill_process')).toEqual({ pid: 4_294_967_295, signal: -15 });
    expect(read('sync_time.before-epoch')).toMatchObject({ setTime: { seconds: -62135596800 } });
    expect(read('sync_time_response.infinite')).toMatchObject({
      offsetSeconds: Number.NEGATIVE_INFINITY,
    });
    expect(read('telemetry')).toMatchObject({
      cpuCorePercent: [0, 100, -0, Number.POSITIVE_INFINITY, Number.MAX_VALUE],
    });
  });

  it('keeps enum values that this version does not know', () => {
    expect(read('shutdown.unknown-type')).toMatchObject({ type: 77 });
    expect(read('shutdown.negative-type')).toMatchObject({ type: -1 });
  });

  it('has text as it was sent, and maps whose every key is only a key', () => {
    const request = read('execute') as { args: string[]; environment: Record<string, string> };
    expect(request.args).toEqual(['%s\n', '', 'naïve 日本語 🚀', 'tab\tquote"backslash\\']);
    expect(Object.keys(request.environment)).toEqual(
      expect.arrayContaining(['LANG', '__proto__', 'constructor', 'Ключ']),
    );
    expect(request.environment.toString).toBeUndefined();
    expect(read('execute_response')).toMatchObject({
      stdout: '\ufeffbegins with a byte order mark',
      stderr: '\0 and \ufffd',
    });
  });
});

describe('protoc reads what we encode', () => {
  const installed = hasProtoc();
  beforeEach(({ skip }) => skip(!installed, PROTOC_MISSING));

  it.each(GOLDEN)('$name', (golden) => {
    const read = parseText(AgentMessage, protocDecode(sealed(golden)));
    expect(ours(AgentMessage, read)).toEqual(ours(AgentMessage, golden.message));
  });
});
