// Feeds mutated byte streams through the frame decoder, the envelope and the codecs, and
// sees to it that nothing throws, nothing grows, and a valid frame is found afterwards.
//
//   node proto/test/fuzz/decoder.fuzz.mjs --streams 1000000 --seed 1      (after a build)
//
// Ends with `<n> streams, <n> failures`; exit code 1 where there were any. A failure names
// its stream: `--only <number>` with the same seed runs that one alone.
import { parseArgs } from 'node:util';
import { EVENTS, METHODS, methodOfRequest } from '@limiquantix/agent-proto';
import { decode, encode, openEnvelope, requestCodec, seal } from '@limiquantix/agent-proto/codec';
import { FrameDecoder } from '@limiquantix/agent-proto/frame';
import { fieldsOf } from '@limiquantix/agent-proto/json';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const STREAMS = Number(values.streams);
const SEED = Number(values.seed);
const MAX_BYTES = 20_000;

/** mulberry32: small, and the same everywhere. */
function randomOf(seed) {
  let a = seed | 0;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const TEXTS = [
  '',
  '/etc/hostname',
  'naïve 日本語 🚀',
  'a'.repeat(70),
  '__proto__',
  '\0\0\0\x20\n\x01a',
];
const NUMBERS = [0, 1, 127, 128, 65_536, 0x7fff_ffff];
const VALUES = {
  string: (pick) => TEXTS[pick(TEXTS.length)],
  bytes: (pick) => Buffer.alloc(pick(10) ? pick(60) : pick(6000), pick(256)),
  bool: (pick) => pick(2) === 1,
  uint64: (pick) => (pick(4) ? NUMBERS[pick(NUMBERS.length)] : 2n ** 64n - 1n),
  int32: (pick) => NUMBERS[pick(NUMBERS.length)] * (pick(2) ? 1 : -1),
  double: (pick) => pick(1000) / 7,
  map: (pick) => ({ [TEXTS[pick(TEXTS.length)]]: TEXTS[pick(TEXTS.length)], LANG: 'C' }),
};

function messageOf(type, pick) {
  const message = {};
  for (const { name, kind, type: target, repeated } of fieldsOf(type)) {
    const one = () =>
      kind === 'message'
        ? messageOf(target, pick)
        : (VALUES[kind] ?? ((p) => NUMBERS[p(NUMBERS.length)]))(pick);
    if (pick(3)) message[name] = repeated ? Array.from({ length: pick(3) }, one) : one();
  }
  return message;
}

/** Real frames of every request, to be mutated. */
function seedFrames(pick) {
  return Array.from({ length: 40 * METHODS.length }, (_, i) => {
    const method = METHODS[i % METHODS.length];
    const codec = requestCodec(method);
    const head = { id: `fuzz-${i}`, field: method.request, timestamp: 1.7e12 + i };
    const message = decode(codec, encode(codec, messageOf(codec.name, pick)));
    return Buffer.concat(seal(pick(2) ? 'plain' : 'magic', head, codec, message).parts);
  });
}

const MUTATIONS = [
  function flipBits(bytes, pick) {
    for (let i = 0; i <= pick(4); i++) bytes[pick(bytes.length)] ^= 1 << pick(8);
    return bytes;
  },
  function setBytes(bytes, pick) {
    for (let i = 0; i <= pick(4); i++) bytes[pick(bytes.length)] = pick(256);
    return bytes;
  },
  function changeLength(bytes, pick) {
    const at = bytes[0] === 0x51 ? 4 : 0;
    const lengths = [
      0,
      1,
      4,
      60,
      pick(300),
      pick(8000),
      MAX_BYTES,
      MAX_BYTES + 1,
      0x5000_0000,
      0xffff_ffff,
    ];
    bytes.writeUInt32BE(lengths[pick(lengths.length)], at);
    return bytes;
  },
  (bytes, pick) => bytes.subarray(pick(bytes.length)),
  (bytes, pick) => bytes.subarray(0, pick(bytes.length)),
  function duplicate(bytes, pick) {
    const from = pick(bytes.length);
    const part = bytes.subarray(from, from + pick(40));
    return Buffer.concat([bytes.subarray(0, from), part, part, bytes.subarray(from)]);
  },
  function insertNoise(bytes, pick) {
    const at = pick(bytes.length);
    const noise = Buffer.from({ length: pick(20) }, () => pick(256));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  (bytes) => bytes,
];

function mutated(frames, pick) {
  const parts = Array.from({ length: 1 + pick(3) }, () => {
    const frame = Buffer.from(frames[pick(frames.length)]);
    const bytes = MUTATIONS[pick(MUTATIONS.length)](frame, pick);
    // A splice: this frame's beginning and another one's end.
    if (pick(4)) return bytes;
    const other = frames[pick(frames.length)];
    return Buffer.concat([
      bytes.subarray(0, pick(bytes.length + 1)),
      other.subarray(pick(other.length)),
    ]);
  });
  return Buffer.concat(parts);
}

/** What took the stream in: a decoder with a clock of its own. */
class Subject {
  now = 0;
  last = '';
  decoded = 0;
  refused = 0;
  decoder = new FrameDecoder({
    maxBytes: MAX_BYTES,
    now: () => this.now,
    onFrame: (message) => this.#take(message),
    onFault: ({ length }) => {
      if (!(length >= 0 && length <= 0xffff_ffff)) throw new Error(`a fault of length ${length}`);
    },
  });

  /** As a connection does: what is used of a chunk after that would be found spoilt. */
  #lend(bytes) {
    const chunk = Uint8Array.from(bytes);
    this.decoder.push(chunk);
    chunk.fill(0xee);
  }

  #take(message) {
    if (message.length > MAX_BYTES) throw new Error(`a message of ${message.length} bytes`);
    let envelope;
    try {
      envelope = openEnvelope(message);
    } catch {
      return false;
    }
    this.last = envelope.id;
    const method = methodOfRequest(envelope.field);
    if (!method) return true;
    try {
      decode(requestCodec(method), envelope.payload);
      this.decoded++;
    } catch {
      this.refused++;
    }
    return true;
  }

  feed(bytes, pick) {
    for (let at = 0; at < bytes.length; ) {
      const size = pick(3) ? 1 + pick(pick(2) ? 64 : 4096) : bytes.length;
      this.#lend(bytes.subarray(at, at + size));
      at += size;
      if (pick(50) === 0) this.#wait(pick(2000));
    }
  }

  #wait(ms) {
    this.now += ms;
    if (this.decoder.partial) this.decoder.expire();
  }

  /** Whether a valid frame is taken at once after a reset, or in time without one. */
  recovers(pick) {
    const dialect = pick(2) ? 'plain' : 'magic';
    if (pick(2)) this.decoder.reset();
    else for (let s = 0; s < 62 && this.decoder.partial; s++) this.#wait(500);
    this.#lend(ping('found', dialect));
    if (this.last !== 'found') return false;
    // And what follows is in step.
    this.#lend(ping('next', dialect));
    return this.last === 'next' && !this.decoder.partial;
  }
}

const [PING] = METHODS;
const pings = new Map();
function ping(id, dialect) {
  const key = `${id} ${dialect}`;
  if (!pings.has(key)) {
    const head = { id, field: PING.request, timestamp: 1.7e12 };
    pings.set(key, Buffer.concat(seal(dialect, head, requestCodec(PING), { sequence: 1 }).parts));
  }
  return pings.get(key);
}

/** @returns why the stream failed; undefined where it did not */
function run(stream, frames, totals) {
  const pick = randomOf(Math.imul(SEED, 0x9e37_79b1) ^ stream);
  const subject = new Subject();
  try {
    subject.feed(mutated(frames, pick), pick);
    if (!subject.recovers(pick)) return 'a valid frame was not found';
  } catch (error) {
    return error.stack;
  } finally {
    totals.decoded += subject.decoded;
    totals.refused += subject.refused;
  }
  return undefined;
}

const frames = seedFrames(randomOf(SEED));
const totals = { decoded: 0, refused: 0 };
const [first, end] = values.only ? [Number(values.only), Number(values.only) + 1] : [0, STREAMS];
const began = performance.now();
let failures = 0;
for (let stream = first; stream < end; stream++) {
  const why = run(stream, frames, totals);
  if (why !== undefined && ++failures <= 10) {
    console.error(`stream ${stream} (--seed ${SEED} --only ${stream}): ${why}`);
  }
  if ((stream + 1) % 100_000 === 0) {
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    const megabytes = (process.memoryUsage.rss() / 1e6).toFixed(0);
    console.log(`${stream + 1} streams after ${seconds} s, ${megabytes} MB`);
  }
}
console.log(
  `${totals.decoded} requests decoded, ${totals.refused} refused; ${METHODS.length} methods, ${EVENTS.length} events known`,
);
console.log(`${end - first} streams, ${failures} failures`);
process.exitCode = failures > 0 ? 1 : 0;
