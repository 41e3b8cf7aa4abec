import { closeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';

/** libuv's stream over a descriptor, as net.Socket takes it. */
export interface DescriptorHandle {
  readonly fd: number;
  reading: boolean;
  readStop(): number;
  close(done?: () => void): void;
}

interface Pipe extends DescriptorHandle {
  open(fd: number): number | undefined;
  listen(backlog: number): number;
  onconnection: (status: number, handle?: DescriptorHandle) => void;
}

interface PipeWrap {
  readonly Pipe: new (type: number) => Pipe;
  readonly constants: { readonly SOCKET: number; readonly SERVER: number };
}

/**
 * Puts a descriptor under epoll, and closes it where that fails. Node's public API refuses
 * descriptors of character devices (`net.Socket({fd})`), and reading them through the thread
 * pool costs a blocked thread for each; this binding has been the same since Node 8.
 */
export function adoptDescriptor(fd: number): DescriptorHandle {
  return adopt(fd, 'SOCKET');
}

/**
 * Listens on a bound socket of any family, and closes it where that fails. `net.Server` takes
 * sockets of IP and unix alone. Of a connection that cannot be accepted libuv says nothing.
 * @throws Error in the words of `listen`
 */
export function listenOnDescriptor(
  fd: number,
  backlog: number,
  onConnection: (handle: DescriptorHandle) => void,
): DescriptorHandle {
  const listener = adopt(fd, 'SERVER');
  listener.onconnection = (_status, handle) => handle && onConnection(handle);
  const status = listener.listen(backlog);
  if (status) {
    listener.close();
    throw new Error(messageOf(status));
  }
  return listener;
}

function adopt(fd: number, type: keyof PipeWrap['constants']): Pipe {
  const binding = (process as unknown as { binding(name: string): PipeWrap }).binding('pipe_wrap');
  const handle = new binding.Pipe(binding.constants[type]);
  const status = handle.open(fd);
  if (status) {
    closeSync(fd);
    throw new Error(`the event loop does not take this device: ${messageOf(status)}`);
  }
  return handle;
}

function messageOf(status: number): string {
  const [name, message] = getSystemErrorMap().get(status) ?? [`error ${status}`, 'unknown'];
  return `${name}: ${message}`;
}
