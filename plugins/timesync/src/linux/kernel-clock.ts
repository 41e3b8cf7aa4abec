import { libc } from '@limiquantix/plugin-sdk/guest';
import { ToolFailed } from './tool.ts';

const CLOCK_REALTIME = 0;

/**
 * Sets the clock at once: a program for it would take a second to start where all of a guest
 * that was resumed wants the processor.
 * @param ms since the epoch
 * @returns false where the agent came without C functions
 * @throws ToolFailed where the kernel refuses
 */
export function setClock(ms: number): boolean {
  const calls = kernelCalls();
  if (!calls) return false;
  const seconds = Math.floor(ms / 1000);
  const time = { tv_sec: seconds, tv_nsec: Math.floor((ms - seconds * 1000) * 1e6) };
  if (calls.clockSettime(CLOCK_REALTIME, time) === 0) return true;
  throw new ToolFailed(calls.lastError('clock_settime').message);
}

/**
 * Has the clock run a little (1 part in 2000) faster or slower until the offset is gone.
 * @param offsetMs of up to a second; positive: the clock is behind
 * @returns whether it does
 */
export function slewClock(offsetMs: number): boolean {
  const delta = { tv_sec: 0, tv_usec: Math.round(offsetMs * 1000) };
  return kernelCalls()?.adjtime(delta, null) === 0;
}

let loaded: ReturnType<typeof declare> | 'none' | undefined;

function kernelCalls(): ReturnType<typeof declare> | undefined {
  try {
    loaded ??= declare();
  } catch {
    loaded = 'none';
  }
  return loaded === 'none' ? undefined : loaded;
}

function declare() {
  const { func, koffi, lastError } = libc();
  const timespec = koffi.struct({ tv_sec: 'long', tv_nsec: 'long' });
  const timeval = koffi.struct({ tv_sec: 'long', tv_usec: 'long' });
  return {
    lastError,
    clockSettime: func<(clock: number, time: { tv_sec: number; tv_nsec: number }) => number>(
      'clock_settime',
      'int',
      ['int', koffi.pointer(timespec)],
    ),
    adjtime: func<(delta: { tv_sec: number; tv_usec: number }, former: null) => number>(
      'adjtime',
      'int',
      [koffi.pointer(timeval), 'void *'],
    ),
  };
}
