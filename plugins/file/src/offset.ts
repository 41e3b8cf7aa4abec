import { AgentError, type Uint64 } from '@limiquantix/plugin-sdk';

/**
 * A request's offset as a number.
 * @throws AgentError INVALID_OFFSET where what begins there would end beyond 2^53 - 1
 */
export function exactOffset(offset: Uint64, bytes = 0): number {
  if (typeof offset === 'number' && Number.isSafeInteger(offset + bytes)) return offset;
  throw new AgentError('INVALID_OFFSET', {
    detail: `${offset} is past what any file can hold`,
  });
}

/** @throws AgentError INVALID_OFFSET */
export function offsetPastEnd(offset: number, size: number): AgentError {
  return new AgentError('INVALID_OFFSET', {
    detail: `${offset} is past the end of the file, which has ${size} bytes`,
  });
}
