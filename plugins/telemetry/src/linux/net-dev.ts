import type { Uint64 } from '@limiquantix/plugin-sdk';
import { lineAfter, Scanner } from './scanner.ts';

/** Since the interface came. */
export interface InterfaceCounters {
  readonly name: string;
  readonly rxBytes: Uint64;
  readonly rxPackets: Uint64;
  readonly txBytes: Uint64;
  readonly txPackets: Uint64;
}

const COLON = 0x3a;
/** Of what was received: errors, drops and so on. As many of what was sent follow its two. */
const OTHERS = 6;

/** @param bytes of /proc/net/dev */
export function parseNetDev(bytes: Buffer): InterfaceCounters[] {
  const rows: InterfaceCounters[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = lineAfter(bytes, start);
    const row = parseRow(bytes, start, end);
    if (row) rows.push(row);
    start = end;
  }
  return rows;
}

/**
 * Name, then 8 counters of what was received and 8 of what was sent. Old kernels leave no
 * blank after the colon, and an alias has a colon in its name.
 * @returns undefined for the headings
 */
function parseRow(bytes: Buffer, start: number, end: number): InterfaceCounters | undefined {
  const colon = bytes.lastIndexOf(COLON, end - 1);
  if (colon < start) return undefined;
  const counters = new Scanner(bytes, colon + 1);
  const rxBytes = counters.uint64();
  const rxPackets = counters.uint64();
  counters.skip(OTHERS);
  const txBytes = counters.uint64();
  const txPackets = counters.uint64();
  if (rxBytes === undefined || rxPackets === undefined) return undefined;
  if (txBytes === undefined || txPackets === undefined) return undefined;
  const name = bytes.toString('utf8', start, colon).trimStart();
  return { name, rxBytes, rxPackets, txBytes, txPackets };
}
