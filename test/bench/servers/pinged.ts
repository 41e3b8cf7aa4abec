import type { Bench } from '../case.ts';
import { pings } from '../clients/frames.ts';
import { command } from '../clients/json-lines.ts';
import type { Peer, Request } from '../clients/peer.ts';
import { AgentServer } from './agent.ts';
import { QemuGa } from './qemu-ga.ts';

/** A server with pings for it. */
export interface Pinged {
  readonly name: string;
  readonly pid: number;
  readonly peer: Peer;
  readonly requests: readonly Request[];
}

/** The agent and, where it is installed, qemu-ga. */
export async function startPinged(bench: Bench, count: number): Promise<Pinged[]> {
  const agent = new AgentServer(bench.workspace);
  const qemuGa = QemuGa.start(bench);
  const frames = pings(count);
  const ours = { name: 'agent', pid: agent.pid, peer: await agent.connect(), requests: frames };
  if (!qemuGa) return [ours];
  const lines = frames.map(() => command('guest-ping'));
  const peer = await qemuGa.connect();
  return [ours, { name: 'qemu-ga', pid: qemuGa.pid, peer, requests: lines }];
}
