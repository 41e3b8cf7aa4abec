import type { Bench, Contestant } from '../case.ts';
import { command, returned } from '../clients/json-lines.ts';
import type { Request } from '../clients/peer.ts';
import { measureTransfer } from '../transfer.ts';
import { KIB, MIB } from '../units.ts';
import { QemuGa } from './qemu-ga.ts';

/** The best of them is what counts. */
const CHUNKS = [64 * KIB, 256 * KIB, MIB];

export interface QemuGaTransfer {
  readonly path: string;
  /** As of fopen(3). */
  readonly mode: 'r' | 'w';
  /** What a round transfers with each size of chunk. */
  readonly mib: number;
  /** Requests in flight. */
  readonly window: number;
  readonly requestOf: (handle: unknown, chunkBytes: number) => Request;
}

/** qemu-ga with several sizes of chunks; none where it is not installed. */
export async function qemuGaTransfers(
  bench: Bench,
  transfer: QemuGaTransfer,
): Promise<Contestant[]> {
  const { path, mode, mib, window, requestOf } = transfer;
  const server = QemuGa.start(bench);
  if (!server) return [];
  const peer = await server.connect();
  return CHUNKS.map((chunk) => ({
    name: `qemu-ga ${chunk / KIB} KiB`,
    async measure() {
      const handle = returned(await peer.ask(command('guest-file-open', { path, mode })));
      const requests = new Array((mib * MIB) / chunk).fill(requestOf(handle, chunk));
      const metrics = await measureTransfer(server.pid, mib, () => peer.exchange(requests, window));
      await peer.ask(command('guest-file-close', { handle }));
      return metrics;
    },
  }));
}
