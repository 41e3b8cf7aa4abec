import { AgentError } from '@limiquantix/plugin-sdk';

const VERSION = 1;

/** The token of the page after this name, for the host to hand back unread. */
export function continuationAfter(name: string): string {
  return Buffer.from(`${String.fromCharCode(VERSION)}${name}`, 'latin1').toString('base64url');
}

/**
 * The name that a page comes after; empty for the first.
 * @throws AgentError INVALID_OFFSET
 */
export function nameBefore(token: string): string {
  if (token === '') return '';
  const bytes = Buffer.from(token, 'base64url');
  if (bytes[0] !== VERSION || bytes.length < 2 || bytes.toString('base64url') !== token) {
    throw new AgentError('INVALID_OFFSET', {
      detail: 'the continuation token is not one of this agent',
      resolution: 'List again without a token, then hand back what the answer holds',
    });
  }
  return bytes.toString('latin1', 1);
}
