import { isUtf8 } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type Codec, decode, encode, openEnvelope } from '../src/codec.ts';
import * as C from '../src/gen/codec.ts';
import { WireReader } from '../src/wire-reader.ts';
import { field, varint } from './support/frames.ts';

const MiB = 1024 * 1024;
const MAX_MS = 50;
const MAX_BYTES = 20 * MiB;

// biome-ignore lint/suspicious/noExplicitAny: messages of all types
type AnyCodec = Codec<any>;

const repeated = (unit: readonly number[], size: number): Buffer =>
  Buffer.alloc(size - (size % unit.length), Buffer.from(unit));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Processor time and memory at their best: what else runs is in the way of any single run. */
function cost(
  codec: AnyCodec,
  bytes: Uint8Array,
): { readonly ms: number; readonly bytes: number; readonly error: string } {
  let error = '';
  let ms = Number.POSITIVE_INFINITY;
  let held = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    const begin = process.threadCpuUsage();
    try {
      decode(codec, bytes);
    } catch (thrown) {
      error = (thrown as Error).message;
    }
    const { user, system } = process.threadCpuUsage(begin);
    ms = Math.min(ms, (user + system) / 1000);
    held = Math.min(held, process.memoryUsage().heapUsed - before);
  }
  return { ms, bytes: held, error };
}

function expectRefused(codec: AnyCodec, bytes: Uint8Array, why: RegExp): void {
  const spent = cost(codec, bytes);
  expect(spent.error).toMatch(why);
  expect(spent.ms).toBeLessThan(MAX_MS);
  expect(spent.bytes).toBeLessThan(MAX_BYTES);
}

/** A message in a message, so often, by a field that is unknown to all of them. */
function nestedGroups(depth: number): Buffer {
  return Buffer.concat([Buffer.alloc(depth, 0x7b), Buffer.alloc(depth, 0x7c)]);
}

describe('nesting', () => {
  it.each([33, 34, 100, 1000, 5000])('of groups %d deep is refused', (depth) => {
    expectRefused(C.PingRequest, nestedGroups(depth), /deeper than 32/);
  });

  it('of groups is allowed up to 32 levels, the message itself being one', () => {
    expect(decode(C.PingRequest, nestedGroups(31))).toEqual({ sequence: 0 });
    expect(() => decode(C.PingRequest, nestedGroups(32))).toThrow(/deeper than 32/);
  });

  it.each([33, 100, 5000])('of messages %d deep is refused', (depth) => {
    // No type of the schema contains itself, so the reader is driven by hand.
    const descend = (reader: WireReader): void => {
      while (reader.pos < reader.len) {
        reader.tag();
        const outer = reader.enter();
        descend(reader);
        reader.leave(outer);
      }
    };
    let bytes: Buffer = Buffer.alloc(0);
    for (let i = 1; i < depth; i++) bytes = field(1, bytes);
    expect(() => descend(new WireReader(bytes))).toThrow(/deeper than 32/);
  });

  it('of groups in the envelope is refused', () => {
    expect(() => openEnvelope(nestedGroups(5000))).toThrow(/deeper than 32/);
  });

  it('that was left again does not count', () => {
    const entries = Array.from({ length: 100 }, () => field(2, field(8, Buffer.of(8, 1))));
    expect(decode(C.ListDirectoryResponse, Buffer.concat(entries)).entries).toHaveLength(100);
  });
});

describe('the number of elements', () => {
  const MANY = 65_536;

  it('may be 65,536 and not one more', () => {
    const strings = repeated([0x12, 0], 2 * MANY);
    expect(decode(C.ExecuteRequest, strings).args).toHaveLength(MANY);
    expectRefused(
      C.ExecuteRequest,
      Buffer.concat([strings, Buffer.of(0x12, 0)]),
      /more than 65536 elements/,
    );
    const messages = repeated([0x12, 0], 2 * MANY);
    expect(decode(C.ListProcessesResponse, messages).processes).toHaveLength(MANY);
    expectRefused(
      C.ListProcessesResponse,
      Buffer.concat([messages, Buffer.of(0x12, 0)]),
      /more than 65536 elements/,
    );
  });

  it('counts those of all fields and depths together', () => {
    const partitions = field(3, repeated([0x42, 0], MANY));
    expect(() => decode(C.HardwareInfo, Buffer.concat([partitions, partitions]))).toThrow(
      /more than 65536/,
    );
  });

  it.each<[string, AnyCodec, () => Buffer]>([
    ['16 MiB of packed doubles', C.TelemetryReport, () => field(20, Buffer.alloc(16 * MiB))],
    [
      '16 MiB of unpacked doubles',
      C.TelemetryReport,
      () => repeated([0xa1, 1, 0, 0, 0, 0, 0, 0, 0, 0], 16 * MiB),
    ],
    ['8 MiB of empty messages', C.ListDirectoryResponse, () => repeated([0x12, 0], 8 * MiB)],
    ['16 MiB of empty strings', C.ExecuteRequest, () => repeated([0x12, 0], 16 * MiB)],
    ['16 MiB of unknown numbers', C.PingRequest, () => repeated([0x10, 1], 16 * MiB)],
    ['16 MiB of empty groups', C.PingRequest, () => repeated([0x13, 0x14], 16 * MiB)],
    [
      'a map of 100,000 entries',
      C.ExecuteRequest,
      () =>
        Buffer.concat(Array.from({ length: 100_000 }, (_, i) => field(4, field(1, `key ${i}`)))),
    ],
  ])('is bounded: %s', (_, codec, make) => {
    expectRefused(codec, make(), /more than 65536 elements/);
  });

  it.each<[string, AnyCodec, readonly number[]]>([
    ['numbers', C.FileWriteRequest, [0x18, 1]],
    [
      'numbers of 64 bits',
      C.FileWriteRequest,
      [0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
    ],
    [
      'seconds before the epoch',
      C.Timestamp,
      [0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
    ],
    ['bools', C.FileWriteRequest, [0x20, 1]],
    ['strings', C.FileWriteRequest, [0x0a, 1, 0x61]],
    ['longer strings', C.FileWriteRequest, [0x0a, 12, ...Buffer.from('twelve bytes')]],
    ['strings that are not ASCII', C.FileWriteRequest, [0x0a, 12, ...Buffer.from('twölv bytes')]],
    ['strings of U+FFFD', C.FileWriteRequest, [0x0a, 12, ...Buffer.from('\ufffd'.repeat(4))]],
    ['bytes', C.FileWriteRequest, [0x12, 1, 0x61]],
  ])('of a field that comes again and again is bounded: %s', (_, codec, unit) => {
    expectRefused(codec, repeated(unit, 8 * MiB), /more than \d+ fields/);
  });

  it('of keys in one map entry is bounded', () => {
    expectRefused(C.ExecuteRequest, field(4, repeated([10, 0], 15 * MiB)), /more than \d+ fields/);
  });

  it.each<[string, AnyCodec, readonly number[]]>([
    ['directory entries', C.ListDirectoryResponse, [0x12, 0]],
    ['processes', C.ListProcessesResponse, [0x12, 0]],
    ['interfaces', C.TelemetryReport, [0x42, 0]],
    ['plugins', C.ListPluginsResponse, [0x12, 0]],
  ])('that is allowed costs no more than its share: %s', (_, codec, unit) => {
    const spent = cost(codec, repeated(unit, 2 * MANY));
    expect(spent.error).toBe('');
    expect(spent.ms).toBeLessThan(MAX_MS);
    expect(spent.bytes).toBeLessThan(MAX_BYTES);
  });

  it('leaves room for the largest lists of a real guest', () => {
    const text = 'twenty-five bytes of text';
    const processes = Array.from({ length: 15_000 }, (_, i) => ({
      pid: i,
      ppid: 1,
      name: text,
      commandLine: text,
      user: text,
      cpuPercent: 1,
      memoryBytes: 1e9,
      state: text,
      startedAt: { seconds: 1.7e9, nanos: 1 },
      threadCount: 1,
      workingDirectory: text,
    }));
    const bytes = encode(C.ListProcessesResponse, { success: true, processes });
    expect(bytes.length).toBeLessThan(4 * MiB);
    expect(decode(C.ListProcessesResponse, bytes).processes).toHaveLength(15_000);
  });
});

describe('text', () => {
  const path = (bytes: readonly number[] | Buffer): string =>
    decode(C.FileStatRequest, field(1, Buffer.from(bytes))).path;
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const accepted = (bytes: Buffer): string | undefined => {
    try {
      return path(bytes);
    } catch {
      return undefined;
    }
  };

  it('of any two bytes is UTF-8 or refused, alone and inside of longer text', () => {
    const [before, after] = [Buffer.from('before '), Buffer.from(' and after')];
    const wrong: string[] = [];
    for (let pair = 0; pair < 0x1_0000; pair++) {
      const bytes = Buffer.of(pair >> 8, pair & 255);
      // In the middle of more than what is read byte by byte.
      const text = pair % 3 ? bytes : Buffer.concat([before, bytes, after]);
      if (accepted(text) !== (isUtf8(text) ? strict.decode(text) : undefined)) {
        wrong.push(text.toString('hex'));
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['overlong NUL', [0xc0, 0x80]],
    ['overlong slash', [0xc0, 0xaf]],
    ['overlong in three', [0xe0, 0x80, 0xaf]],
    ['overlong in four', [0xf0, 0x80, 0x80, 0xaf]],
    ['a high surrogate', [0xed, 0xa0, 0x80]],
    ['a low surrogate', [0xed, 0xbf, 0xbf]],
    ['a pair of surrogates', [0xed, 0xa0, 0x81, 0xed, 0xb0, 0x80]],
    ['past the last character', [0xf4, 0x90, 0x80, 0x80]],
    ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['a continuation alone', [0x80]],
    ['a start alone', [0xe2, 0x82]],
    ['0xff', [0xff]],
  ])('is refused with %s, at its beginning and its end', (_, bytes) => {
    const padding = Buffer.from('x'.repeat(100));
    expect(() => path(bytes)).toThrow(/UTF-8/);
    expect(() => path(Buffer.concat([padding, Buffer.from(bytes)]))).toThrow(/UTF-8/);
    expect(() => path(Buffer.concat([Buffer.from(bytes), padding]))).toThrow(/UTF-8/);
    // Beside a replacement character that was really sent.
    expect(() => path(Buffer.concat([Buffer.from('\ufffd'), Buffer.from(bytes)]))).toThrow(/UTF-8/);
  });

  it.each([
    '\0',
    'a\0b',
    '\ufffd',
    '\ufeffbom',
    '\ufeff',
    '\u{10ffff}',
    '\ufffe',
    '',
    'é'.repeat(10_000),
  ])('is what was sent: %j', (text) => expect(path(Buffer.from(text))).toBe(text));

  it('of the whole frame is refused, not only of a payload', () => {
    expect(() => openEnvelope(field(1, Buffer.of(0xff)))).toThrow(/UTF-8/);
    expect(() => decode(C.ExecuteRequest, field(4, field(1, Buffer.of(0xff))))).toThrow(/UTF-8/);
    expect(() => decode(C.ExecuteRequest, field(4, field(2, Buffer.of(0xff))))).toThrow(/UTF-8/);
  });
});

it('a key named __proto__ is a key, and changes nothing else', () => {
  const entry = (key: string) => field(4, Buffer.concat([field(1, key), field(2, 'polluted')]));
  const bytes = Buffer.concat([entry('__proto__'), entry('constructor'), entry('toString')]);
  const { environment } = decode(C.ExecuteRequest, bytes);
  expect(Object.keys(environment)).toEqual(['__proto__', 'constructor', 'toString']);
  // biome-ignore lint/suspicious/noProto: here it is the name of a key
  expect(environment.__proto__).toBe('polluted');
  expect(Object.getPrototypeOf(environment)).toBe(null);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(environment.hasOwnProperty).toBeUndefined();
});

describe('a number', () => {
  const long = (bytes: number) => [...Array<number>(bytes - 1).fill(0x80), 0];

  it.each([
    ['uint64', C.PingRequest, 0x08],
    ['uint32', C.KillProcessRequest, 0x08],
    ['int32', C.KillProcessRequest, 0x10],
    ['bool', C.FileDeleteRequest, 0x10],
    ['int64', C.Timestamp, 0x08],
    ['enum', C.ShutdownRequest, 0x08],
    ['unknown', C.PingRequest, 0x78],
  ] as [string, AnyCodec, number][])('of type %s has at most ten bytes', (_, codec, tag) => {
    expect(() => decode(codec, Buffer.from([tag, ...long(10)]))).not.toThrow();
    expect(() => decode(codec, Buffer.from([tag, ...long(11)]))).toThrow();
    expect(() =>
      decode(codec, Buffer.alloc(16 * MiB, Buffer.from([tag, ...long(5000)]))),
    ).toThrow();
    for (let size = 1; size < 10; size++) {
      expect(() => decode(codec, Buffer.from([tag, ...Array<number>(size).fill(0x80)]))).toThrow();
    }
  });

  it('that is a length is never below zero, nor cut to 32 bits', () => {
    const minusOne = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
    // 8 + 2^32 and 8 + 2^63: what is left of them in 32 bits would fit, and decode as any type.
    const cut = [
      [0x88, 0x80, 0x80, 0x80, 0x10],
      [0x88, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
    ];
    const rest = Buffer.alloc(8, Buffer.of(0x78, 1));
    for (const size of [minusOne, [255, 255, 255, 255, 15], [255, 255, 255, 255, 7], ...cut]) {
      const bytes = (tag: number) => Buffer.concat([varint(tag), Buffer.from(size), rest]);
      expect(() => decode(C.FileWriteRequest, bytes(0x0a)), 'string').toThrow();
      expect(() => decode(C.FileWriteRequest, bytes(0x12)), 'bytes').toThrow();
      expect(() => decode(C.FileStatResponse, bytes(0x12)), 'message').toThrow();
      expect(() => decode(C.ExecuteRequest, bytes(0x22)), 'map').toThrow();
      expect(() => decode(C.TelemetryReport, bytes(0xa2)), 'packed').toThrow();
      expect(() => decode(C.PingRequest, bytes(0x7a)), 'unknown').toThrow();
      expect(() => openEnvelope(bytes(0x0a)), 'id').toThrow();
      expect(() => openEnvelope(bytes(0x62)), 'payload').toThrow();
    }
  });
});

describe('a field', () => {
  it.each([0, 1, 2, 3, 5])('with the number 0 is refused (wire type %d)', (wireType) => {
    const bytes = Buffer.concat([Buffer.of(wireType), Buffer.alloc(16)]);
    expect(() => decode(C.PingRequest, bytes)).toThrow();
    expect(() => openEnvelope(bytes)).toThrow();
  });

  it.each([4, 6, 7])('of wire type %d is refused', (wireType) => {
    const bytes = Buffer.concat([Buffer.of(0x78 | wireType), Buffer.alloc(16)]);
    expect(() => decode(C.PingRequest, bytes)).toThrow();
    expect(() => openEnvelope(bytes)).toThrow();
  });

  it('that begins a group is refused where another one ends', () => {
    expect(decode(C.PingRequest, Buffer.of(0x7b, 0x7c))).toEqual({ sequence: 0 });
    expect(() => decode(C.PingRequest, Buffer.of(0x7b, 0x74))).toThrow(/did not begin/);
    expect(() => decode(C.PingRequest, Buffer.of(0x7b))).toThrow();
  });

  it('cannot reach past the message that it is in', () => {
    // An entry of 4 bytes whose name says that it has 40.
    const bytes = Buffer.concat([
      field(2, Buffer.of(0x0a, 40, 0x61, 0x61)),
      field(4, 'x'.repeat(60)),
    ]);
    expect(() => decode(C.ListDirectoryResponse, bytes)).toThrow();
    const number = Buffer.concat([field(2, Buffer.of(0x30, 0x80)), field(4, 'x')]);
    expect(() => decode(C.ListDirectoryResponse, number)).toThrow();
    const group = Buffer.concat([field(2, Buffer.of(0x7b)), Buffer.of(0x7c)]);
    expect(() => decode(C.ListDirectoryResponse, group)).toThrow();
    const double = Buffer.concat([field(20, Buffer.alloc(7)), Buffer.alloc(20)]);
    expect(() => decode(C.TelemetryReport, double)).toThrow();
  });
});
