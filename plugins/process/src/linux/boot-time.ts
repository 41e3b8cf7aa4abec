import { readFileSync } from 'node:fs';

/** When the guest booted, in milliseconds since the epoch, by its clock as it is now. */
export function readBootTime(): number {
  const line = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'));
  if (!line) throw new Error('/proc/stat does not say when the guest booted');
  return 1000 * Number(line[1]);
}
