import {
  AgentUpdate,
  Cancel,
  CreateDirectory,
  FileRead,
  FileStat,
  GetCapabilities,
  ListDirectory,
  ListPlugins,
  Ping,
  PluginCall,
  Quiesce,
  ServiceControl,
} from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { frameOf, RawHost } from '../support/raw-host.ts';

const MESSAGES = 100_000;
const BATCH = 200;
const CONNECTIONS = 40;
const SEED = Number(process.env.QX_FUZZ_SEED ?? 20260125);

let agent: AgentProcess;
beforeAll(async () => {
  // A flipped bit turns "stat" into "delete": it must not be able to do harm.
  agent = await AgentProcess.start({ unprivileged: true });
});
afterAll(() => agent.stop());

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const next = random(SEED);
const below = (n: number) => Math.floor(next() * n);

const seeds = [
  () => frameOf(Ping, { sequence: below(1e9) }, `f-${below(1e9)}`),
  () => frameOf(FileRead, { path: '/etc/hostname', offset: below(100) }, `f-${below(1e9)}`),
  () => frameOf(FileStat, { path: '/etc/passwd' }, `f-${below(1e9)}`),
  () => frameOf(ListDirectory, { path: '/etc', maxEntries: 5 }, `f-${below(1e9)}`),
  () => frameOf(CreateDirectory, { path: '/proc/no/such' }, `f-${below(1e9)}`),
  () => frameOf(GetCapabilities, {}, `f-${below(1e9)}`),
  () => frameOf(ListPlugins, {}, `f-${below(1e9)}`),
  () => frameOf(Cancel, { messageId: 'f-1' }, `f-${below(1e9)}`),
  () =>
    frameOf(
      PluginCall,
      { plugin: 'none', method: 'x', payload: Buffer.alloc(20) },
      `f-${below(1e9)}`,
    ),
  () => frameOf(Quiesce, { mountPoints: ['/no/such/mount'], timeoutSeconds: 1 }, `f-${below(1e9)}`),
  () => frameOf(ServiceControl, { name: 'no-such-service', action: 5 }, `f-${below(1e9)}`),
  () =>
    frameOf(AgentUpdate, { targetVersion: '0', binaryData: Buffer.alloc(50) }, `f-${below(1e9)}`),
];

/** Its length stays right: the message is to be reached, not only the framing. */
function mutatedMessage(): Buffer {
  const frame = (seeds[below(seeds.length)] as () => Buffer)();
  for (let i = 0; i <= below(4); i++) frame[4 + below(frame.length - 4)] = below(256);
  return frame;
}

/** What comes of it may wait for bytes that never come, until the agent gives up on it. */
function mutatedFrame(): Buffer {
  const frame = (seeds[below(seeds.length)] as () => Buffer)();
  const how = below(3);
  if (how === 0) return frame.subarray(0, below(frame.length));
  if (how === 1) return Buffer.concat([frame, Buffer.from([below(256), below(256), below(256)])]);
  frame[below(4)] = below(256);
  return frame;
}

function batchOf(make: () => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: BATCH }, make));
}

it(`answers at once after each of ${MESSAGES / BATCH} batches of mutated messages (seed ${SEED})`, async () => {
  for (let sent = 0; sent < MESSAGES; sent += BATCH) {
    const host = await RawHost.connect(agent.socket);
    host.send(batchOf(mutatedMessage));
    const id = `later-${sent}`;
    host.request(Ping, { sequence: sent }, { id });
    await host.answer(id, 5000);
    host.close();
  }
  expect(agent.log).not.toContain('unhandled rejection');
}, 600_000);

it(`finds its way back on ${CONNECTIONS} connections with mutated framing (seed ${SEED})`, async () => {
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, lane) => {
      const host = await RawHost.connect(agent.socket);
      host.send(batchOf(mutatedFrame));
      // At the latest once a partial frame is given up, which takes 30 s.
      for (let attempt = 0; ; attempt++) {
        const id = `back-${lane}-${attempt}`;
        host.request(Ping, {}, { id });
        const answered = await host.answer(id, 10_000).then(
          () => true,
          () => false,
        );
        if (answered) break;
        expect(attempt).toBeLessThan(8);
      }
      host.close();
    }),
  );
  expect(agent.log).not.toContain('unhandled rejection');
}, 600_000);
