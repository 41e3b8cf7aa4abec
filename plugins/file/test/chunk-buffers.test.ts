import type { Call } from '@limiquantix/plugin-sdk';
import { expect, it } from 'vitest';
import { ChunkBuffers } from '../src/chunk-buffers.ts';

const KIB = 1024;

function call(): Call & { sent(): void } {
  const releases: (() => void)[] = [];
  const fake = {
    afterSent: (release: () => void) => releases.push(release),
    sent: () => releases.forEach((release) => void release()),
  };
  return fake as unknown as Call & { sent(): void };
}

it('uses a buffer again only after the answer it went into was sent', () => {
  const buffers = new ChunkBuffers();
  const first = call();
  const a = buffers.take(64 * KIB, first);
  const b = buffers.take(64 * KIB, call());
  expect(b.buffer).not.toBe(a.buffer);
  first.sent();
  expect(buffers.take(64 * KIB, call()).buffer).toBe(a.buffer);
});

it('gives exactly as many bytes as were asked for', () => {
  const buffers = new ChunkBuffers();
  const first = call();
  buffers.take(64 * KIB, first);
  first.sent();
  expect(buffers.take(20 * KIB, call()).length).toBe(20 * KIB);
});

it('does not waste a large buffer on a small chunk, nor keep more than 4 MiB', () => {
  const buffers = new ChunkBuffers();
  const calls = Array.from({ length: 10 }, call);
  const taken = calls.map((one) => buffers.take(1024 * KIB, one).buffer);
  for (const one of calls) one.sent();
  expect(taken).not.toContain(buffers.take(64 * KIB, call()).buffer);
  const again = Array.from({ length: 10 }, () => buffers.take(1024 * KIB, call()).buffer);
  expect(again.filter((buffer) => taken.includes(buffer))).toHaveLength(4);
});

it('keeps nothing once nobody reads any more, whenever the last answers were sent', () => {
  const buffers = new ChunkBuffers();
  const last = call();
  const { buffer } = buffers.take(64 * KIB, last);
  buffers.clear();
  last.sent();
  expect(buffers.take(64 * KIB, call()).buffer === buffer).toBe(false);
});
