import { libc } from '@limiquantix/plugin-sdk/guest';

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const BYTES = 256 * 1024;

/** Has the kernel take about twice as much for a host at a time, where it lets itself be asked. */
export function enlargeSendBuffer(fd: number): void {
  type SetOption = (
    fd: number,
    level: number,
    name: number,
    value: Int32Array,
    n: number,
  ) => number;
  try {
    const setsockopt = libc().func<SetOption>(
      'int setsockopt(int, int, int, void *, unsigned int)',
    );
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, Int32Array.of(BYTES), Int32Array.BYTES_PER_ELEMENT);
  } catch {
    // The host gets everything in smaller pieces.
  }
}
