import { closeSync, openSync } from 'node:fs';
import { AgentError } from '@limiquantix/agent-proto';
import { libc } from '@limiquantix/plugin-sdk/guest';
import { acceptPeers } from './accept-peers.ts';
import { type Channel, type ChannelEvents, MAX_PEERS } from './channel.ts';
import { listenOnDescriptor } from './descriptor-handle.ts';

export interface VsockOptions {
  readonly port: number;
  /** Whether programs of the guest itself may be its host. */
  readonly allowLocal: boolean;
}

// linux/socket.h, linux/vm_sockets.h
const AF_VSOCK = 40;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 0o2004001;
const GET_LOCAL_CID = 0x7b9;
const CID_ANY = 0xffffffff;
const CID_LOCAL = 1;
const CID_HOST = 2;
const ADDRESS_BYTES = 16;

const DEVICE = '/dev/vsock';

/**
 * Listens on AF_VSOCK for the host, and for nobody else: programs of the guest and virtual
 * machines within it can connect to the same port. It is never lost: the socket is the kernel's,
 * and stays while devices and addresses come and go.
 * @throws AgentError VSOCK_UNAVAILABLE, DEVICE_BUSY (another program listens on the port) or
 *   DEVICE_OPEN_FAILED
 */
export async function openVsock(options: VsockOptions, events: ChannelEvents): Promise<Channel> {
  const { port, allowLocal } = options;
  // Without a device one can listen, but nobody can ever connect.
  if (!allowLocal) requireDevice();
  const name = `vsock:${port}`;
  const fd = boundSocket(port);
  try {
    return acceptPeers({
      name,
      listen: (onConnection) => listenOnDescriptor(fd, MAX_PEERS, onConnection),
      refusal: (peer) => refusal(peer, allowLocal),
      events,
    });
  } catch (cause) {
    throw cannotListen(name, cause as Error);
  }
}

/** The kernel's part is loaded with the driver of the device, so that nothing is to be loaded here. */
function requireDevice(): void {
  let fd: number;
  try {
    fd = openSync(DEVICE, 'r');
  } catch (cause) {
    throw unavailable((cause as Error).message, cause);
  }
  try {
    const { ioctl, lastError } = calls();
    const cid = Buffer.alloc(4);
    if (ioctl(fd, GET_LOCAL_CID, 'void *', cid) < 0) {
      const error = lastError('ioctl');
      throw unavailable(error.message, error);
    }
    // Less are addresses that no virtual machine has: of nobody, of itself, of a host.
    const own = cid.readUInt32LE();
    if (own <= CID_HOST || own === CID_ANY) throw unavailable('this machine has no vsock device');
  } finally {
    closeSync(fd);
  }
}

function boundSocket(port: number): number {
  const { socket, bind, lastError } = calls();
  const fd = socket(AF_VSOCK, SOCK_STREAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) {
    const error = lastError('socket');
    throw unavailable(error.message, error);
  }
  const address = Buffer.alloc(ADDRESS_BYTES);
  address.writeUInt16LE(AF_VSOCK, 0);
  address.writeUInt32LE(port, 4);
  // Whatever address the machine has: a migration may change it.
  address.writeUInt32LE(CID_ANY, 8);
  if (bind(fd, address, ADDRESS_BYTES) < 0) {
    const error = lastError('bind');
    closeSync(fd);
    throw cannotListen(`vsock:${port}`, error);
  }
  return fd;
}

function refusal(fd: number, allowLocal: boolean): string | undefined {
  const { getpeername, lastError } = calls();
  const address = Buffer.alloc(ADDRESS_BYTES);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(ADDRESS_BYTES);
  if (getpeername(fd, address, length) < 0) return lastError('getpeername').message;
  return refusalOf(address.readUInt32LE(8), allowLocal);
}

/** Why a peer may not be a host; undefined where it may. */
export function refusalOf(cid: number, allowLocal: boolean): string | undefined {
  if (cid === CID_HOST || (cid === CID_LOCAL && allowLocal)) return undefined;
  return `it comes from CID ${cid}, and only the host, CID ${CID_HOST}, may connect`;
}

type Calls = ReturnType<typeof declareCalls>;
let declared: Calls | undefined;

function calls(): Calls {
  declared ??= declareCalls();
  return declared;
}

function declareCalls() {
  try {
    const { func, lastError } = libc();
    type Socket = (family: number, type: number, protocol: number) => number;
    type Bind = (fd: number, address: Buffer, length: number) => number;
    type GetPeerName = (fd: number, address: Buffer, length: Buffer) => number;
    type Ioctl = (fd: number, request: number, type: 'void *', argument: Buffer) => number;
    return {
      socket: func<Socket>('int socket(int, int, int)'),
      bind: func<Bind>('int bind(int, const void *, unsigned int)'),
      getpeername: func<GetPeerName>('int getpeername(int, void *, void *)'),
      ioctl: func<Ioctl>('int ioctl(int, unsigned long, ...)'),
      lastError,
    };
  } catch (thrown) {
    const { message, resolution } = AgentError.from(thrown);
    throw new AgentError('VSOCK_UNAVAILABLE', { detail: message, resolution, cause: thrown });
  }
}

function unavailable(detail: string, cause?: unknown): AgentError {
  return new AgentError('VSOCK_UNAVAILABLE', {
    detail,
    resolution:
      'Give the virtual machine a vsock device and load its driver in the guest (modprobe vmw_vsock_virtio_transport), or use its virtio port (device_path: auto, prefer_vsock: false)',
    cause,
  });
}

function cannotListen(name: string, cause: NodeJS.ErrnoException): AgentError {
  if (cause.code === 'EADDRINUSE') {
    return new AgentError('DEVICE_BUSY', {
      detail: `another process listens on ${name}`,
      resolution:
        'Stop the other agent, or give this one another port with device_path: vsock:PORT',
      cause,
    });
  }
  return new AgentError('DEVICE_OPEN_FAILED', {
    detail: `cannot listen on ${name}: ${cause.message}`,
    resolution: 'Run the agent as root: only root may listen on ports below 1024',
    cause,
  });
}
