import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './agent-process.ts';

/** What only a virtual machine can tell, for the benchmark's table. Its processors are emulated. */
export interface GuestFigures {
  /** A file of the guest through the virtio port, in megabytes a second: the median once warm. */
  readonly downloadMbPerSecond?: number;
  /** The same into the guest. */
  readonly uploadMbPerSecond?: number;
  /** A program that does nothing, from request to answer: the median. */
  readonly commandMs?: number;
  /** From a host's connection to its first report: the median. */
  readonly telemetryMs?: number;
  /** Of the .deb, by dpkg. */
  readonly installSeconds?: number;
  /** Of the .deb, as dpkg counts it. */
  readonly installedMib?: number;
  /** From power on, the guest's own boot included. */
  readonly bootToReadySeconds?: number;
  /** Idle, with a host connected. */
  readonly pssMib?: number;
  /** Of them those that are no file's. */
  readonly pssAnonMib?: number;
  /** Idle, of one processor. */
  readonly cpuPercent?: number;
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
