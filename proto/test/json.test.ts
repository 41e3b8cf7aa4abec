import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../src/gen/tables.ts';
import { enumWords, fieldsOf, fromJson, type JsonObject, toJson } from '../src/json.ts';
import { anyMessage } from './support/arbitraries.ts';
import { bytesAsText } from './support/schema.ts';

const MAX_UINT64 = 18_446_744_073_709_551_615n;

describe('a message as JSON', () => {
  it('has the names of the wire, words for enums, RFC 3339 times and base64', () => {
    expect(
      toJson('ListDirectoryResponse', {
        success: true,
        entries: [
          {
            name: 'a',
            isDirectory: true,
            sizeBytes: 5,
            modifiedAt: { seconds: 1769337000, nanos: 5e8 },
            nameBytes: Buffer.of(255),
          },
        ],
        totalEntries: 1,
      }),
    ).toEqual({
      success: true,
      entries: [
        {
          name: 'a',
          is_directory: true,
          size_bytes: 5,
          modified_at: '2026-01-25T10:30:00.500Z',
          name_bytes: '/w==',
        },
      ],
      total_entries: 1,
    });
    expect(toJson('ServiceControlRequest', { name: 'ssh', action: 2 })).toEqual({
      name: 'ssh',
      action: 'restart',
    });
    expect(toJson('ExecuteRequest', { environment: { LANG: 'C' } })).toEqual({
      environment: { LANG: 'C' },
    });
  });

  it('has 64-bit numbers as numbers while they are safe integers, else as strings', () => {
    const json = (sequence: number | bigint) => toJson('PingRequest', { sequence }).sequence;
    expect(json(0)).toBe(0);
    expect(json(Number.MAX_SAFE_INTEGER)).toBe(9_007_199_254_740_991);
    expect(json(9_007_199_254_740_992n)).toBe('9007199254740992');
    expect(json(MAX_UINT64)).toBe('18446744073709551615');
  });

  it('keeps an enum value without a word as its number', () => {
    expect(toJson('ShutdownRequest', { type: 77 })).toEqual({ type: 77 });
  });

  it('has null where a time is outside of the calendar', () => {
    expect(toJson('SyncTimeRequest', { setTime: { seconds: 2 ** 60, nanos: 0 } })).toEqual({
      set_time: null,
    });
  });

  it('has a key named __proto__ as a key', () => {
    const environment = Object.assign(Object.create(null), { ['__proto__']: 'x' });
    const text = JSON.stringify(toJson('ExecuteRequest', { environment }));
    expect(text).toBe('{"environment":{"__proto__":"x"}}');
    const back = fromJson('ExecuteRequest', JSON.parse(text) as object) as {
      environment: Record<string, string>;
    };
    expect(Object.entries(back.environment)).toEqual([['__proto__', 'x']]);
    expect(({} as JsonObject).x).toBeUndefined();
  });

  it.each(Object.keys(FIELDS).filter((type) => type !== 'Timestamp'))(
    'is the same message again: %s',
    (type) => {
      fc.assert(
        fc.property(anyMessage(type), (message) => {
          const [sent] = textable(type, message) as [JsonObject];
          const text = JSON.stringify(toJson(type, sent));
          expect(bytesAsText(fromJson(type, JSON.parse(text) as object))).toEqual(
            bytesAsText(sent),
          );
        }),
        { numRuns: 30 },
      );
    },
  );
});

/** Without what JSON has no form for: NaN, infinities, unknown enum values, parts of a millisecond. */
function textable(type: string, ...messages: readonly JsonObject[]): JsonObject[] {
  return messages.map((message) => {
    const out: JsonObject = {};
    for (const { name, kind, type: target, repeated } of fieldsOf(type)) {
      const value = message[name];
      if (value === undefined) continue;
      const items = ((repeated ? value : [value]) as unknown[]).flatMap((item) =>
        textableValue(kind, target, item),
      );
      if (repeated) out[name] = items;
      else if (items.length > 0) out[name] = items[0];
    }
    return out;
  });
}

function textableValue(kind: string, type: string | undefined, value: unknown): unknown[] {
  if (type === 'Timestamp')
    return [
      { seconds: Math.trunc((value as { seconds?: number }).seconds ?? 0) % 1e11, nanos: 5e8 },
    ];
  if (kind === 'message') return textable(type as string, value as JsonObject);
  if (kind === 'enum')
    return (value as number) >= 0 && (value as number) < enumWords(type as string).length
      ? [value]
      : [];
  if (kind === 'double') return Number.isFinite(value) ? [(value as number) + 0 || 0] : [];
  return [value];
}

describe('JSON as a message', () => {
  it('is read with enums as words of any case, or as their numbers', () => {
    for (const type of ['reboot', 'REBOOT', 'Reboot', 1]) {
      expect(fromJson('ShutdownRequest', { type })).toEqual({ type: 1 });
    }
    expect(enumWords('ServiceAction')).toEqual([
      'start',
      'stop',
      'restart',
      'enable',
      'disable',
      'status',
    ]);
  });

  it('leaves absent what is absent or null', () => {
    expect(fromJson('FileWriteRequest', { path: '/a', mode: null })).toEqual({ path: '/a' });
  });

  it('is read with 64-bit numbers as numbers or digits', () => {
    const read = (offset: unknown) => fromJson('FileReadRequest', { offset }).offset;
    expect(read(5)).toBe(5);
    expect(read('5')).toBe(5);
    expect(read('9007199254740992')).toBe(9_007_199_254_740_992n);
    expect(read(String(MAX_UINT64))).toBe(MAX_UINT64);
  });

  it.each<[string, string, unknown, RegExp]>([
    ['FileReadRequest', 'offset', -1, /^offset must be a whole number/],
    ['FileReadRequest', 'offset', 1.5, /^offset must be/],
    ['FileReadRequest', 'offset', 2 ** 53, /^offset must be/],
    ['FileReadRequest', 'offset', '18446744073709551616', /^offset must be/],
    ['FileReadRequest', 'offset', '0x10', /^offset must be/],
    ['FileReadRequest', 'offset', '', /^offset must be/],
    ['KillProcessRequest', 'pid', -1, /^pid must be a whole number from 0 to 4294967295/],
    ['KillProcessRequest', 'pid', 4_294_967_296, /^pid must be/],
    ['KillProcessRequest', 'pid', 1.5, /^pid must be/],
    ['KillProcessRequest', 'pid', '1', /^pid must be/],
    [
      'KillProcessRequest',
      'signal',
      2_147_483_648,
      /^signal must be a whole number from -2147483648/,
    ],
    ['ShutdownRequest', 'type', 'explode', /^type must be one of poweroff, reboot, halt$/],
    ['ShutdownRequest', 'type', 77, /^type must be one of/],
    ['ShutdownRequest', 'type', 'constructor', /^type must be one of/],
    ['ShutdownRequest', 'type', '__proto__', /^type must be one of/],
    ['ShutdownRequest', 'message', 5, /^message must be a string$/],
    ['FileWriteRequest', 'truncate', 'true', /^truncate must be true or false$/],
    ['FileWriteRequest', 'data', 'not base64!', /^data must be base64$/],
    ['FileWriteRequest', 'data', 'AAAAA', /^data must be base64$/],
    ['FileWriteRequest', 'data', [1, 2], /^data must be base64$/],
    ['ExecuteRequest', 'args', 'ls', /^args must be an array$/],
    ['ExecuteRequest', 'args', ['ls', 5], /^args must be a string$/],
    ['ExecuteRequest', 'args', [null], /^args must be a string$/],
    ['ExecuteRequest', 'environment', { A: 5 }, /^environment must be an object of strings$/],
    ['ExecuteRequest', 'environment', ['A=5'], /^environment must be an object of strings$/],
    ['SyncTimeRequest', 'set_time', 'tomorrow', /^set_time must be a time such as/],
    ['SyncTimeRequest', 'set_time', '5', /^set_time must be a time such as/],
    ['SyncTimeRequest', 'set_time', '2026', /^set_time must be a time such as/],
    ['SyncTimeRequest', 'set_time', '2026-01-25', /^set_time must be a time such as/],
    ['SyncTimeRequest', 'set_time', '2026-01-25T10:30:00', /^set_time must be a time such as/],
    ['SyncTimeRequest', 'set_time', '2026-02-30T10:30:00Z', /^set_time must be a time such as/],
    ['SyncTimeRequest', 'set_time', '2026-01-25T10:60:00Z', /^set_time must be a time such as/],
    ['SyncTimeRequest', 'set_time', 5, /^set_time must be a time such as/],
    ['SyncTimeResponse', 'offset_seconds', '1.5', /^offset_seconds must be a number$/],
    ['SyncTimeResponse', 'offset_seconds', Number.NaN, /^offset_seconds must be a number$/],
    ['FileStatResponse', 'entry', 'name', /^entry must be an object$/],
    ['FileStatResponse', 'entry', [], /^entry must be an object$/],
    ['FileStatResponse', 'entry', { mode: '0644' }, /^mode must be a whole number/],
    ['PingRequest', 'sequenze', 1, /^PingRequest has no field sequenze$/],
    ['PingRequest', '__proto__', 1, /^PingRequest has no field __proto__$/],
  ])('is refused by the name of the field: %s %s = %j', (type, name, value, expected) => {
    const json = Object.defineProperty({}, name, { value, enumerable: true });
    expect(() => fromJson(type, json)).toThrow(expected);
    expect(() => fromJson(type, json)).toThrow(TypeError);
  });

  it('is refused for a message that the schema does not have', () => {
    for (const type of ['NoSuchMessage', 'constructor', 'AgentMessage']) {
      expect(() => fromJson(type, {})).toThrow(`the schema has no message ${type}`);
      expect(() => toJson(type, {})).toThrow(TypeError);
    }
  });
});
