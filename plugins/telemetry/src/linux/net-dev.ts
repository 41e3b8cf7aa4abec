import type { Uint64 } from '@limiquantix/plugin-sdk';

/** Since the interface came. */
export interface InterfaceCounters {
  readonly name: string;
  readonly rxBytes: Uint64;
  readonly rxPackets: Uint64;
  readonly txBytes: Uint64;
  readonly txPackets: Uint64;
}

/**
 * Name, then 8 counters of what was received and 8 of what was sent. Old kernels leave no
 * blank after the colon, and an alias has a colon in its name.
 */
const ROW = /^ *(\S+?): *(\d+) +(\d+)(?: +\d+){6} +(\d+) +(\d+)(?: +\d+){6} *$/gm;

/** @param text of /proc/net/dev */
export function parseNetDev(text: string): InterfaceCounters[] {
  return [...text.matchAll(ROW)].map(([, name, rxBytes, rxPackets, txBytes, txPackets]) => ({
    name: name as string,
    rxBytes: uint64(rxBytes as string),
    rxPackets: uint64(rxPackets as string),
    txBytes: uint64(txBytes as string),
    txPackets: uint64(txPackets as string),
  }));
}

function uint64(digits: string): Uint64 {
  return digits.length < 16 ? Number(digits) : BigInt.asUintN(64, BigInt(digits));
}
