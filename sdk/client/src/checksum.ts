import { crc32 } from 'node:zlib';
import { FileWrite, type FileWriteRequest, type Init, type Method } from '@limiquantix/agent-proto';

/**
 * Lets the agent tell data that is whole. A virtio port does not always tell the guest that its
 * host changed: then what the next one sends goes on where the last one's request was cut off.
 */
export function withChecksum<Req>(method: Method<Req, unknown>, request: Init<Req>): Init<Req> {
  if (method.request !== FileWrite.request) return request;
  const { data } = request as Init<FileWriteRequest>;
  if (!(data instanceof Uint8Array)) return request;
  return { ...request, dataCrc32: crc32(data) };
}
