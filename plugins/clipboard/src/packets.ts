// How the agent and its process in the session talk: over one socket, in packets of a JSON
// head and bytes.

/** What a packet says besides its bytes; each side checks what it reads of it. */
export type Head = Readonly<Record<string, unknown>>;

export interface Packet {
  readonly head: Head;
  readonly data: Buffer;
}

const NOTHING = Buffer.alloc(0);
const LENGTHS_BYTES = 8;
const MAX_HEAD_BYTES = 16 * 1024;

export function encodePacket(head: Head, data: Uint8Array = NOTHING): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(data.length, 4);
  return Buffer.concat([lengths, text, data]);
}

/** Cuts a stream into packets. */
export class PacketReader {
  readonly #maxDataBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;
  /** How many bytes there must be until something can be read. */
  #needed = LENGTHS_BYTES;

  constructor(maxDataBytes: number) {
    this.#maxDataBytes = maxDataBytes;
  }

  /** @throws Error where the other side does not keep to the format: nothing can follow */
  push(chunk: Buffer): Packet[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const packets: Packet[] = [];
    while (this.#length >= this.#needed) {
      const packet = this.#next();
      if (packet) packets.push(packet);
    }
    return packets;
  }

  #next(): Packet | undefined {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    const headLength = all.readUInt32BE(0);
    const dataLength = all.readUInt32BE(4);
    if (headLength > MAX_HEAD_BYTES || dataLength > this.#maxDataBytes) {
      throw new Error('a packet is longer than agreed');
    }
    const end = LENGTHS_BYTES + headLength + dataLength;
    this.#needed = end;
    if (all.length < end) return undefined;
    const head: unknown = JSON.parse(
      all.toString('utf8', LENGTHS_BYTES, LENGTHS_BYTES + headLength),
    );
    if (typeof head !== 'object' || head === null) throw new Error('a packet has no head');
    this.#chunks = [all.subarray(end)];
    this.#length = all.length - end;
    this.#needed = LENGTHS_BYTES;
    return { head: head as Head, data: all.subarray(LENGTHS_BYTES + headLength, end) };
  }
}
