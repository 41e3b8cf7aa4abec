import { getSystemErrorName } from 'node:util';

/** libuv's stream over a descriptor, as net.Socket takes it. */
export interface DescriptorHandle {
  reading: boolean;
  close(done: () => void): void;
}

interface PipeWrap {
  readonly Pipe: new (type: number) => DescriptorHandle & { open(fd: number): number | undefined };
  readonly constants: { readonly SOCKET: number };
}

/**
 * Puts a descriptor under epoll. Node's public API refuses descriptors of character
 * devices (`net.Socket({fd})`), and reading them through the thread pool costs a blocked
 * thread for each; this binding has been the same since Node 8.
 */
export function adoptDescriptor(fd: number): DescriptorHandle {
  const binding = (process as unknown as { binding(name: string): PipeWrap }).binding('pipe_wrap');
  const handle = new binding.Pipe(binding.constants.SOCKET);
  const status = handle.open(fd);
  if (status) {
    throw new Error(`the event loop does not take this device: ${getSystemErrorName(status)}`);
  }
  return handle;
}
