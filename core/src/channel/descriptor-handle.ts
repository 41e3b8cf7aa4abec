import { closeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';

/** libuv's stream over a descriptor, as net.Socket takes it. */
export interface DescriptorHandle {
  readonly fd: number;
  reading: boolean;
  close(done?: () => void): void;
}

interface Pipe extends DescriptorHandle {
  open(fd: number): number | undefined;
  bind(path: string): number;
  listen(backlog: number): number;
  onconnection: (status: number, handle?: DescriptorHandle) => void;
}

interface PipeWrap {
  readonly Pipe: new (type: number) => Pipe;
  readonly constants: { readonly SOCKET: number; readonly SERVER: number };
}

type PipeType = keyof PipeWrap['constants'];
type OnConnection = (handle: DescriptorHandle) => void;

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
  onConnection: OnConnection,
): DescriptorHandle {
  return listening(adopt(fd, 'SERVER'), backlog, onConnection);
}

/**
 * Makes a unix socket and listens on it; closing removes it. `net.Server` would load all that
 * Node's clusters need: 5 ms of a start.
 * @throws Error with the `code` of `bind` or `listen`
 */
export function listenOnPath(
  path: string,
  backlog: number,
  onConnection: OnConnection,
): DescriptorHandle {
  const listener = newPipe('SERVER');
  const status = listener.bind(path);
  if (status) throw closed(listener, status);
  return listening(listener, backlog, onConnection);
}

function listening(listener: Pipe, backlog: number, onConnection: OnConnection): DescriptorHandle {
  listener.onconnection = (_status, handle) => handle && onConnection(handle);
  const status = listener.listen(backlog);
  if (status) throw closed(listener, status);
  return listener;
}

function adopt(fd: number, type: PipeType): Pipe {
  const handle = newPipe(type);
  const status = handle.open(fd);
  if (status) {
    closeSync(fd);
    throw new Error(`the event loop does not take this device: ${failure(status).message}`);
  }
  return handle;
}

function newPipe(type: PipeType): Pipe {
  const binding = (process as unknown as { binding(name: string): PipeWrap }).binding('pipe_wrap');
  return new binding.Pipe(binding.constants[type]);
}

function closed(listener: Pipe, status: number): Error {
  listener.close();
  return failure(status);
}

function failure(status: number): Error {
  const [code, message] = getSystemErrorMap().get(status) ?? [`error ${status}`, 'unknown'];
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
