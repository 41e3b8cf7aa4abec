import { Bench } from 'tinybench';
import { requestCodec, seal } from '../src/codec.ts';
import { FrameDecoder } from '../src/frame/decoder.ts';
import { Ping } from '../src/method.ts';

const head = { id: '00000000-0000-4000-8000-000000000000', field: Ping.request, timestamp: 0 };
const ping = Buffer.concat(seal('plain', head, requestCodec(Ping), { sequence: 1 }).parts);
const pings = Buffer.concat(Array.from({ length: 64 }, () => ping));
const bulk = Buffer.alloc(256 * 1024);
const message = Buffer.concat([ping.subarray(4), bulk]);
const frame = Buffer.concat([Buffer.alloc(4), message]);
frame.writeUInt32BE(message.length);
/** As a socket gives them. */
const chunks = Array.from({ length: Math.ceil(frame.length / 65_536) }, (_, i) =>
  frame.subarray(i * 65_536, (i + 1) * 65_536),
);

const decoder = new FrameDecoder({
  onFrame: () => true,
  onFault: (fault) => {
    throw new Error(`no frame: ${fault.kind}`);
  },
});

export const bench: Bench = new Bench({ name: 'frame decoder' })
  .add('one ping', () => decoder.push(ping))
  .add('64 pings in one chunk', () => decoder.push(pings))
  .add('256 KiB in chunks of 64 KiB', () => {
    for (const chunk of chunks) decoder.push(chunk);
  });
