import { constants, fchmodSync } from 'node:fs';
import { libc } from '@limiquantix/plugin-sdk/guest';

/** Descriptors for their taker to close. */
export interface Pipe {
  /** Non-blocking. */
  readonly readEnd: number;
  readonly writeEnd: number;
}

/** Makes a pipe. @throws where the guest has no room for one */
export type OpenPipe = () => Pipe;

// Of fcntl.h, the same on x86-64 and ARM.
const O_CLOEXEC = 0o2000000;
const F_SETFL = 4;

/**
 * Pipes for the outputs of commands. Node's own are sockets, which a command cannot open by
 * name (`echo x > /dev/stderr` fails) and which cannot be read into one buffer.
 * @throws AgentError where C functions cannot be called
 */
export function pipesOfLibc(): OpenPipe {
  const { func, lastError } = libc();
  const pipe2 = func<(ends: Int32Array, flags: number) => number>(
    'int pipe2(void *ends, int flags)',
  );
  const fcntl = func<(fd: number, command: number, flags: number) => number>(
    'int fcntl(int fd, int command, int flags)',
  );
  return () => {
    const ends = new Int32Array(2);
    if (pipe2(ends, O_CLOEXEC) !== 0) throw lastError('pipe2');
    const [readEnd, writeEnd] = ends as unknown as [number, number];
    // This end alone: few programs expect that a write would block.
    fcntl(readEnd, F_SETFL, constants.O_NONBLOCK);
    // A command of another user may open its own output by name; nobody else can reach it.
    fchmodSync(writeEnd, 0o666);
    return { readEnd, writeEnd };
  };
}
