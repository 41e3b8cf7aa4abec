import { decode, encode, responseCodec } from '@limiquantix/agent-proto/codec';
import { type Init, ListProcesses, type ProcessInfo, timestampOf } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AnswerRoom } from '../src/answer-room.ts';

const NOWHERE = '\ufffd'.repeat(20);
/** As costly to read as one can be: every text holds a replaced character. */
const COSTLY: Init<ProcessInfo> = {
  pid: 4_194_304,
  ppid: 4_194_303,
  name: NOWHERE,
  commandLine: NOWHERE,
  user: 'root',
  cpuPercent: 99.9,
  memoryBytes: 2 ** 45,
  state: 'disk-sleep',
  startedAt: timestampOf(1795358440123),
  threadCount: 4,
  workingDirectory: NOWHERE,
  threads: Array.from({ length: 4 }, () => ({ tid: 4_194_304, name: NOWHERE, state: 'idle' })),
};

function fill(room: AnswerRoom, entry: Init<ProcessInfo>): Init<ProcessInfo>[] {
  const entries: Init<ProcessInfo>[] = [];
  while (room.take(entry)) entries.push(entry);
  return entries;
}

it('never lets an answer be more than a host reads', () => {
  const processes = fill(new AnswerRoom(100_000, 16 * 1024 * 1024), COSTLY);
  expect(processes).toHaveLength(4096);
  const codec = responseCodec(ListProcesses);
  expect(decode(codec, encode(codec, { processes })).processes).toHaveLength(4096);
});

it('never lets an answer be larger than a message', () => {
  const entry = fc.record({
    name: fc.string({ unit: 'grapheme', maxLength: 64 }),
    commandLine: fc.string({ unit: 'grapheme', maxLength: 4096 }),
    workingDirectory: fc.string({ maxLength: 200 }),
    user: fc.string({ maxLength: 32 }),
    threads: fc.array(fc.record({ tid: fc.nat(), name: fc.string(), state: fc.string() })),
  });
  fc.assert(
    fc.property(entry, fc.integer({ min: 20_000, max: 200_000 }), (fields, maxMessageBytes) => {
      const processes = fill(new AnswerRoom(4096, maxMessageBytes), { ...COSTLY, ...fields });
      const bytes = encode(responseCodec(ListProcesses), { processes });
      expect(bytes.length).toBeLessThan(maxMessageBytes - 8192);
    }),
    { numRuns: 50 },
  );
});

it('counts what the host asks for', () => {
  expect(fill(new AnswerRoom(3, 1_000_000), COSTLY)).toHaveLength(3);
  const room = new AnswerRoom(2, 1_000_000);
  expect(room.full).toBe(false);
  fill(room, COSTLY);
  expect(room.full).toBe(true);
  expect(room.threads).toBe(16_384 - 8);
});
