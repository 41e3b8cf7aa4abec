/** `OK`, and a port of the host, which nobody needs. */
const ANSWER = /^OK( \d{1,10})?$/;
const MAX_ANSWER_BYTES = 16;
const NEWLINE = 0x0a;

/**
 * How a unix socket becomes a vsock connection: Firecracker, Cloud Hypervisor and vhost-device-vsock
 * take a line with the guest's port first, and answer with one when somebody there accepts.
 */
export class VsockHandshake {
  readonly request: string;
  #answer = Buffer.alloc(0);

  constructor(port: number) {
    this.request = `CONNECT ${port}\n`;
  }

  /**
   * Takes what comes until the connection is there.
   * @returns what is the agent's already; undefined where more of the answer must come
   * @throws Error where it is no such answer
   */
  push(bytes: Uint8Array): Uint8Array | undefined {
    const end = bytes.indexOf(NEWLINE);
    const part = end === -1 ? bytes : bytes.subarray(0, end);
    this.#answer = Buffer.concat([this.#answer, part.subarray(0, MAX_ANSWER_BYTES)]);
    const tooLong = this.#answer.length > MAX_ANSWER_BYTES;
    if (end === -1 && !tooLong) return undefined;
    if (!tooLong && ANSWER.test(this.#answer.toString('latin1'))) return bytes.subarray(end + 1);
    throw Object.assign(new Error('no vsock behind this socket'), { code: 'EPROTO' });
  }

  /** The other end closed before it answered. */
  refused(): NodeJS.ErrnoException {
    return Object.assign(new Error('nobody accepts'), { code: 'EHOSTUNREACH' });
  }
}
