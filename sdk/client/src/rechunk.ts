export interface Chunk {
  readonly data: Uint8Array;
  readonly last: boolean;
}

/** A source's bytes in chunks of `size`, the last of them shorter, or empty for no bytes. */
export async function* rechunk(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<Chunk, undefined> {
  let gathered = Buffer.alloc(0);
  let filled = 0;
  for await (const piece of source) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('the source yields no Uint8Array');
    let rest = piece;
    // Only where more follows is it certain that a full chunk is not the last.
    while (filled + rest.length > size) {
      const take = size - filled;
      if (filled === 0) {
        yield { data: rest.subarray(0, take), last: false };
      } else {
        gathered.set(rest.subarray(0, take), filled);
        yield { data: gathered, last: false };
        filled = 0;
      }
      rest = rest.subarray(take);
    }
    if (rest.length === 0) continue;
    if (filled === 0) gathered = Buffer.allocUnsafeSlow(size);
    gathered.set(rest, filled);
    filled += rest.length;
  }
  yield { data: gathered.subarray(0, filled), last: true };
}
