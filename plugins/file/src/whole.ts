import { crc32 } from 'node:zlib';
import { AgentError, type FileWriteRequest } from '@limiquantix/plugin-sdk';

/**
 * Refuses data that is not what its host sent. Of a host that left in the middle of a request
 * the guest may learn nothing, and the next one's bytes then complete it.
 * @throws AgentError INVALID_MESSAGE
 */
export function requireWhole({ data, dataCrc32 }: FileWriteRequest): void {
  if (dataCrc32 === undefined || dataCrc32 === crc32(data)) return;
  throw new AgentError('INVALID_MESSAGE', {
    detail: `the ${data.length} bytes of data do not have the checksum that came with them`,
    context: 'Nothing was written; another host may have taken over in the middle of the request',
    resolution: 'Send the request again; data_crc32 is the CRC-32 of zlib over data alone',
  });
}
