import { closeSync } from 'node:fs';
import { libc } from '@limiquantix/plugin-sdk/guest';

// Of Linux, the same on every architecture that Node runs on.
const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 0o2004002;
const FAMILY_BYTES = 2;
/** A path ends with a zero. */
const LONGEST_PATH = 107;

type Calls = ReturnType<typeof declare>;
let declared: Calls | undefined;

/**
 * Sends a message of sd_notify(3) without waiting, as this very process: Node has no sockets for
 * datagrams of unix.
 * @param path `/path`, or `@name` for one that is in no directory
 * @throws Error where that cannot be done here; `EAGAIN`: too much waits to be read already
 */
export function sendNotification(path: string, message: string): void {
  declared ??= declare();
  const { socket, sendto, lastError } = declared;
  const address = addressOf(path);
  const fd = socket(AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) throw lastError('socket');
  try {
    const bytes = Buffer.from(message);
    if (sendto(fd, bytes, bytes.length, 0, address, address.length) < 0) throw lastError('sendto');
  } finally {
    closeSync(fd);
  }
}

/** A `struct sockaddr_un`. */
function addressOf(path: string): Buffer {
  const name = Buffer.from(path);
  if (!/^[/@]/.test(path) || name.length > LONGEST_PATH) throw new Error(`no unix socket: ${path}`);
  const abstract = path.startsWith('@');
  const address = Buffer.alloc(FAMILY_BYTES + name.length + (abstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX);
  name.copy(address, FAMILY_BYTES);
  if (abstract) address[FAMILY_BYTES] = 0;
  return address;
}

function declare() {
  const { func, lastError } = libc();
  type Socket = (family: number, type: number, protocol: number) => number;
  type SendTo = (
    fd: number,
    bytes: Buffer,
    length: number,
    flags: number,
    address: Buffer,
    addressLength: number,
  ) => number;
  return {
    socket: func<Socket>('int socket(int, int, int)'),
    sendto: func<SendTo>('long sendto(int, const void *, size_t, int, const void *, unsigned int)'),
    lastError,
  };
}
