import { openEnvelope } from '../../src/codec.ts';
import { FrameDecoder, type FrameDecoderOptions, type FrameFault } from '../../src/frame/index.ts';

export type Dialect = 'plain' | 'magic';

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** A length-delimited field. */
export function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** An AgentMessage as hosts encode it, byte for byte, without our encoder. */
export function message(id: string, payload: Uint8Array = Buffer.alloc(0), number = 10): Buffer {
  const timestamp = Buffer.from('0891e1d7cb0610c0843d', 'hex');
  return Buffer.concat([field(1, id), field(2, timestamp), field(number, payload)]);
}

export function framed(content: Uint8Array, dialect: Dialect = 'plain'): Buffer {
  return Buffer.concat([header(content.length, dialect), content]);
}

export function header(length: number, dialect: Dialect = 'plain'): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return dialect === 'magic' ? Buffer.concat([Buffer.from('QTX\x01', 'latin1'), bytes]) : bytes;
}

/** A ping of the host. */
export function ping(id: string, dialect: Dialect = 'plain'): Buffer {
  return framed(message(id, Buffer.from([8, 1])), dialect);
}

/** A decoder with a clock of its own, and what came out of it. */
export class Sink {
  readonly messages: Buffer[] = [];
  readonly dialects: Dialect[] = [];
  readonly faults: FrameFault[] = [];
  readonly decoder: FrameDecoder;
  /** How many messages did not decode. */
  undecodable = 0;
  now = 0;

  constructor(options: Partial<FrameDecoderOptions> = {}) {
    this.decoder = new FrameDecoder({
      now: () => this.now,
      onFrame: (bytes, dialect) => this.#take(bytes, dialect),
      onFault: (fault) => this.faults.push(fault),
      ...options,
    });
  }

  /** Ids of the messages, in order. */
  get ids(): string[] {
    return this.messages.map((bytes) => openEnvelope(bytes).id);
  }

  get faultKinds(): string[] {
    return this.faults.map(({ kind }) => kind);
  }

  push(...chunks: Uint8Array[]): this {
    for (const chunk of chunks) this.decoder.push(chunk);
    return this;
  }

  pushInPieces(bytes: Uint8Array, size: number): this {
    for (let at = 0; at < bytes.length; at += size) this.push(bytes.subarray(at, at + size));
    return this;
  }

  /** Lets time pass, as a session does that looks after its decoder twice a second. */
  wait(ms: number): this {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + 500);
      if (this.decoder.partial) this.decoder.expire();
    }
    return this;
  }

  #take(bytes: Uint8Array, dialect: Dialect): boolean {
    try {
      openEnvelope(bytes);
    } catch {
      this.undecodable++;
      return false;
    }
    // Not a copy: what was handed out has to stay what it was.
    this.messages.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    this.dialects.push(dialect);
    return true;
  }
}
