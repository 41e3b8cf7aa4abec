import { AgentError, type Init, type Method } from '@limiquantix/agent-proto';
import { requestCodec, type SealedFrame, seal } from '@limiquantix/agent-proto/codec';
import { type Dialect, HARD_MAX_MESSAGE_BYTES } from '@limiquantix/agent-proto/frame';
import { withChecksum } from './checksum.ts';

/**
 * A request as it goes onto the wire.
 * @throws AgentError INVALID_MESSAGE, MESSAGE_TOO_LARGE
 */
export function sealRequest<Req>(
  framing: Dialect,
  id: string,
  method: Method<Req, unknown>,
  request: Init<Req>,
): SealedFrame {
  const head = { id, field: method.request, timestamp: Date.now() };
  let frame: SealedFrame;
  try {
    const message = withChecksum(method, request);
    frame = seal(framing, head, requestCodec(method), message, method.bulk.request);
  } catch (cause) {
    throw new AgentError('INVALID_MESSAGE', {
      detail: `the request ${method.name} cannot be encoded: ${(cause as Error).message}`,
      cause,
      resolution: 'Check the types of its fields',
    });
  }
  if (frame.bytes <= HARD_MAX_MESSAGE_BYTES) return frame;
  throw new AgentError('MESSAGE_TOO_LARGE', {
    detail: `the request ${method.name} has ${frame.bytes} bytes, of ${HARD_MAX_MESSAGE_BYTES}`,
  });
}
