import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec } from '../src/codec.ts';
import { decode, encode, openEnvelope } from '../src/codec.ts';
import * as codecs from '../src/gen/codec.ts';
import { anyMessage } from './support/arbitraries.ts';
import { field, varint } from './support/frames.ts';
import { bytesAsText, messageTypes, ours, type Plain, typeNamed } from './support/schema.ts';

const CODECS = Object.values(codecs) as Codec<Plain>[];

describe('any message of the schema', () => {
  it('has a codec', () => {
    const names = messageTypes().map(({ name }) => name);
    expect(CODECS.map(({ name }) => name).sort()).toEqual(
      [...names.filter((name) => name !== 'AgentMessage'), 'Timestamp'].sort(),
    );
  });

  it.each(CODECS)(
    '$name is read by protobufjs as we meant it, and its own bytes by us',
    (codec) => {
      const type = typeNamed(codec.name);
      fc.assert(
        fc.property(anyMessage(codec.name), (message) => {
          const bytes = encode(codec, message);
          const reflected = type.decode(bytes) as unknown as Plain;
          const expected = ours(type, reflected);
          expect(expected).toMatchObject(bytesAsText(message));
          expect(bytesAsText(decode(codec, bytes))).toEqual(expected);
          const theirs = type.encode(reflected as never).finish();
          expect(bytesAsText(decode(codec, theirs))).toEqual(expected);
        }),
        { numRuns: 50 },
      );
    },
  );

  it.each(CODECS)('$name is refused where it is cut off, or read as less', (codec) => {
    fc.assert(
      fc.property(
        anyMessage(codec.name),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (message, cut) => {
          const bytes = encode(codec, message);
          const part = bytes.subarray(0, Math.floor(cut * bytes.length));
          const again = outcome(() => decode(codec, part));
          // protobufjs has the last word on what a cut message still is.
          const type = typeNamed(codec.name);
          expect(again).toEqual(outcome(() => ours(type, type.decode(part) as unknown as Plain)));
        },
      ),
      { numRuns: 20 },
    );
  });
});

/** The message as text, or that there is none. */
function outcome(read: () => object): Plain | 'refused' {
  try {
    return bytesAsText(read());
  } catch {
    return 'refused';
  }
}

describe('what other encoders may write', () => {
  it('packed and unpacked numbers are the same', () => {
    const one = Buffer.alloc(8);
    one.writeDoubleLE(12.5);
    const tag = varint(20 * 8 + 1);
    const unpacked = Buffer.concat([tag, one, tag, one]);
    const packed = field(20, Buffer.concat([one, one]));
    const telemetry = codecs.TelemetryReport;
    expect(decode(telemetry, unpacked).cpuCorePercent).toEqual([12.5, 12.5]);
    expect(decode(telemetry, Buffer.concat([packed, unpacked])).cpuCorePercent).toHaveLength(4);
  });

  it('fields in any order, the last of a scalar', () => {
    const bytes = Buffer.concat([
      Buffer.of(0x10, 1),
      field(1, 'first'),
      Buffer.of(0x10, 0),
      field(1, 'last'),
    ]);
    expect(decode(codecs.FileDeleteRequest, bytes)).toEqual({ path: 'last', recursive: false });
  });

  it('a message in two parts is one', () => {
    const bytes = Buffer.concat([field(2, field(1, 'name')), field(2, field(5, 'link'))]);
    expect(decode(codecs.FileStatResponse, bytes).entry).toMatchObject({
      name: 'name',
      symlinkTarget: 'link',
    });
  });

  it('a map entry without key or value, and the last of a key', () => {
    const entry = (key: string, value: string) =>
      field(4, Buffer.concat([field(1, key), field(2, value)]));
    const bytes = Buffer.concat([
      field(4, ''),
      entry('a', '1'),
      entry('a', '2'),
      field(4, field(2, 'v')),
    ]);
    expect({ ...decode(codecs.ExecuteRequest, bytes).environment }).toEqual({ a: '2', '': 'v' });
  });

  it('unknown fields of every wire type are passed over', () => {
    const group = Buffer.concat([varint(99 * 8 + 3), field(1, 'x'), varint(99 * 8 + 4)]);
    const unknown = Buffer.concat([
      varint(90 * 8),
      varint(5),
      varint(91 * 8 + 1),
      Buffer.alloc(8),
      field(92, 'x'),
      group,
      varint(93 * 8 + 5),
      Buffer.alloc(4),
    ]);
    const bytes = Buffer.concat([unknown, Buffer.of(8, 7), unknown]);
    expect(decode(codecs.PingRequest, bytes)).toEqual({ sequence: 7 });
  });

  it('a known field of another wire type is passed over', () => {
    expect(decode(codecs.PingRequest, field(1, 'text'))).toEqual({ sequence: 0 });
  });
});

describe('the envelope', () => {
  const id = field(1, 'id-1');

  it('is opened whatever the order of its fields', () => {
    const { id: read, field: number } = openEnvelope(
      Buffer.concat([field(12, 'payload'), field(2, ''), id]),
    );
    expect([read, number]).toEqual(['id-1', 12]);
  });

  it('has the payload that came last, and all parts of that one', () => {
    const payload = (...parts: Buffer[]) =>
      Buffer.from(openEnvelope(Buffer.concat([id, ...parts])).payload).toString();
    expect(payload(field(11, 'a'), field(12, 'b'))).toBe('b');
    expect(payload(field(12, 'a'), field(12, 'b'), field(12, 'c'))).toBe('abc');
    expect(payload(field(12, 'a'), field(11, 'x'), field(12, 'b'))).toBe('b');
  });

  it('joins a payload of many parts in no more time than of one', () => {
    const parts = Array.from({ length: 62 }, () => field(12, Buffer.alloc(256 * 1024)));
    const bytes = Buffer.concat([id, ...parts]);
    const begin = process.threadCpuUsage();
    const { payload } = openEnvelope(bytes);
    const { user, system } = process.threadCpuUsage(begin);
    expect(payload).toHaveLength(62 * 256 * 1024);
    expect((user + system) / 1000).toBeLessThan(50);
  });

  it('has no payload where there is none, or where it is of another wire type', () => {
    expect(openEnvelope(id)).toMatchObject({ id: 'id-1', field: 0, payload: new Uint8Array(0) });
    expect(openEnvelope(Buffer.concat([id, varint(12 * 8), varint(1)])).field).toBe(0);
  });

  it('is refused with more fields than it can have, and where it is cut off', () => {
    expect(() => openEnvelope(Buffer.concat(Array(65).fill(field(4, ''))))).toThrow(
      /more than 64 fields/,
    );
    const whole = Buffer.concat([id, field(2, 'timestamp'), field(12, 'payload')]);
    const boundaries = [0, id.length, id.length + field(2, 'timestamp').length];
    for (let cut = 1; cut < whole.length; cut++) {
      if (boundaries.includes(cut)) continue;
      expect(() => openEnvelope(whole.subarray(0, cut)), `cut at ${cut}`).toThrow();
    }
  });
});
