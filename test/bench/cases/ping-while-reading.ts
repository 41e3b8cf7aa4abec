import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { FileRead, Ping } from '@limiquantix/agent-proto';
import type { Case } from '../case.ts';
import { frameOf, pings } from '../clients/frames.ts';
import type { Peer, Request } from '../clients/peer.ts';
import { latencyOf } from '../latency.ts';
import { AgentServer } from '../servers/agent.ts';
import { KIB, MIB } from '../units.ts';

const CHUNK = 64 * KIB;
const WINDOW = 8;
const FILE_MIB = 64;
const COUNT = 200;
const PAUSE_MS = 2;

export const pingWhileReading: Case = {
  name: 'ping-while-reading',
  about: 'pings on a connection that a file is read over as fast as it goes',
  rounds: { quick: 3, full: 15 },
  warmUp: 1,
  rows: [
    {
      title: 'ping while reading, p50',
      metric: 'p50',
      unit: 'ms',
      better: 'lower',
      gate: 5,
      goal: 0.6,
    },
    {
      title: 'ping while reading, p99',
      metric: 'p99',
      unit: 'ms',
      better: 'lower',
      gate: 20,
      goal: 5,
    },
    { title: 'read meanwhile', metric: 'rate', unit: 'MiB/s', better: 'higher' },
  ],
  async open({ workspace }) {
    const path = workspace.path('file');
    writeFileSync(path, Buffer.alloc(FILE_MIB * MIB, 'The quick brown fox. '));
    const agent = new AgentServer(workspace);
    const peer = await agent.connect();
    const reads = Array.from({ length: (FILE_MIB * MIB) / CHUNK }, (_, i) =>
      frameOf(FileRead, { path, offset: i * CHUNK, maxBytes: CHUNK }, COUNT + i),
    );
    return [{ name: 'agent', measure: () => measure(peer, reads, pings(COUNT)) }];
  },
};

async function measure(peer: Peer, reads: readonly Request[], requests: readonly Request[]) {
  const latencies: number[] = [];
  let next = 0;
  let chunks = 0;
  let onPong: (() => void) | undefined;
  const readNext = () => peer.send(reads[next++ % reads.length] as Request);
  peer.onAnswer = (kind) => {
    if (kind === Ping.response) return onPong?.();
    chunks++;
    readNext();
  };
  const begin = performance.now();
  for (let i = 0; i < WINDOW; i++) readNext();
  for (const request of requests) {
    const sent = performance.now();
    const pong = new Promise<void>((resolve) => {
      onPong = resolve;
    });
    peer.send(request);
    await pong;
    latencies.push(performance.now() - sent);
    await pause(PAUSE_MS);
  }
  const seconds = (performance.now() - begin) / 1000;
  const rate = (chunks * CHUNK) / MIB / seconds;
  await drained(peer);
  return { ...latencyOf(latencies), rate };
}

/** Lets the last chunks come in, asking for no more. */
function drained(peer: Peer): Promise<void> {
  return new Promise((resolve) => {
    let left = WINDOW;
    peer.onAnswer = () => {
      if (--left === 0) resolve();
    };
  });
}
