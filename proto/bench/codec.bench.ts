import { Bench } from 'tinybench';
import { decode, encode, eventCodec, openEnvelope, responseCodec, seal } from '../src/codec.ts';
import { Telemetry } from '../src/event.ts';
import { FileRead, Ping } from '../src/method.ts';

const id = '00000000-0000-4000-8000-000000000000';
const pong = { sequence: 1, version: '1.2.3', uptimeSeconds: 86_400 };
const pongHead = { id, field: Ping.response, timestamp: 1_700_000_000_000 };
const pongFrame = Buffer.concat(seal('plain', pongHead, responseCodec(Ping), pong).parts);
const report = {
  cpuUsagePercent: 12.5,
  cpuCorePercent: [10, 15, 12, 13],
  memoryTotalBytes: 8 * 2 ** 30,
  memoryUsedBytes: 3 * 2 ** 30,
  hostname: 'guest',
  disks: Array.from({ length: 4 }, (_, i) => ({
    mountPoint: `/srv/data/${i}`,
    filesystem: 'ext4',
    device: `/dev/vd${i}`,
    totalBytes: 100 * 2 ** 30,
  })),
};
const encodedReport = encode(eventCodec(Telemetry), report);
const chunk = { success: true, data: Buffer.alloc(65_536), totalSize: 2 ** 30, mode: 0o644 };
const chunkHead = { id, field: FileRead.response, timestamp: 1_700_000_000_000 };

export const bench: Bench = new Bench({ name: 'codec' })
  .add('seal a pong', () => {
    seal('plain', pongHead, responseCodec(Ping), pong);
  })
  .add('seal 64 KiB of a file', () => {
    seal('plain', chunkHead, responseCodec(FileRead), chunk, FileRead.bulk.response);
  })
  .add('open an envelope', () => {
    openEnvelope(pongFrame.subarray(4));
  })
  .add('encode a telemetry report', () => {
    encode(eventCodec(Telemetry), report);
  })
  .add('decode a telemetry report', () => {
    decode(eventCodec(Telemetry), encodedReport);
  });
