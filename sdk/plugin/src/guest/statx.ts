/** What a file is and which, as stat(2) says. */
export interface FileFacts {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  /** What it occupies, in units of 512 bytes. */
  readonly blocks: bigint;
  readonly mode: bigint;
  readonly mtimeNs: bigint;
}

/** A `struct statx`, the same on every architecture. */
export class Statx {
  readonly bytes: Uint8Array = new Uint8Array(256);
  readonly #u64 = new BigUint64Array(this.bytes.buffer);
  readonly #i64 = new BigInt64Array(this.bytes.buffer);
  readonly #u32 = new Uint32Array(this.bytes.buffer);
  readonly #u16 = new Uint16Array(this.bytes.buffer);

  facts(): FileFacts {
    const [seconds, nanoseconds] = [this.#i64[14], this.#u32[30]] as [bigint, number];
    return {
      dev: makedev(this.#u32[34] as number, this.#u32[35] as number),
      ino: this.#u64[4] as bigint,
      size: this.#u64[5] as bigint,
      blocks: this.#u64[6] as bigint,
      mode: BigInt(this.#u16[14] as number),
      mtimeNs: seconds * 1_000_000_000n + BigInt(nanoseconds),
    };
  }
}

/** As the C library makes st_dev of its two parts. */
function makedev(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  const parts = [
    (high & ~0xfffn) << 32n,
    (high & 0xfffn) << 8n,
    (low & ~0xffn) << 12n,
    low & 0xffn,
  ];
  return parts.reduce((dev, part) => dev | part);
}
