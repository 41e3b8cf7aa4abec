import { createSocket, type Socket } from 'node:dgram';

/** From 1900, which NTP counts from, to 1970. */
const EPOCH_SECONDS = 2_208_988_800;
const PACKET_BYTES = 48;
const RECEIVED_AT = 32;
const SENT_AT = 40;

/** An NTP server on this machine's loopback, with this machine's time or one that is off. */
export class TimeServer {
  offsetSeconds = 0;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (request, { address, port }) => {
      if (request.length >= PACKET_BYTES) socket.send(this.#answer(request), port, address);
    });
  }

  static async start(): Promise<TimeServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new TimeServer(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.offsetSeconds * 1000;
  }

  stop(): void {
    this.#socket.close();
  }

  /** As of RFC 5905, section 7.3: version 4, mode 4 (server), stratum 1, precision 2^-10 s. */
  #answer(request: Buffer): Buffer {
    const packet = Buffer.alloc(PACKET_BYTES);
    packet.set([0x24, 1, request[2] ?? 0, -10 & 0xff]);
    packet.write('TEST', 12, 'latin1');
    request.copy(packet, 24, 40, 48);
    for (const at of [16, RECEIVED_AT, SENT_AT]) this.#writeNow(packet, at);
    return packet;
  }

  #writeNow(packet: Buffer, at: number): void {
    const seconds = this.now() / 1000 + EPOCH_SECONDS;
    packet.writeUInt32BE(Math.floor(seconds), at);
    packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
  }
}
