import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './agent-process.ts';

/** What only a virtual machine can tell, for the benchmark's table. */
export interface GuestFigures {
  /** A file through the virtio port, in megabytes a second. */
  readonly transferMbPerSecond?: number;
  /** Of the .deb, by dpkg. */
  readonly installSeconds?: number;
}

const FILE = join(ROOT, 'test/bench/results/guest.json');

/** @returns undefined where no virtual machine was measured */
export function readGuestFigures(): GuestFigures | undefined {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : undefined;
}

/** Keeps what other tests found. */
export function recordGuestFigures(figures: GuestFigures): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ ...readGuestFigures(), ...figures })}\n`);
}
