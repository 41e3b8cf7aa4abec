// Every failure that this plugin answers with, besides NO_DISPLAY_SERVER.
import { AgentError } from '@limiquantix/plugin-sdk';

/** @param resolution empty: the catalogue's */
export function accessFailed(problem: string, resolution = '', cause?: unknown): AgentError {
  return new AgentError('CLIPBOARD_ACCESS_FAILED', {
    detail: brief(problem),
    resolution: resolution === '' ? undefined : brief(resolution),
    cause,
  });
}

export function clipboardEmpty(): AgentError {
  return new AgentError('CLIPBOARD_EMPTY', { resolution: 'Copy something in the guest first' });
}

export function typeUnsupported(what: string): AgentError {
  return new AgentError('CLIPBOARD_TYPE_UNSUPPORTED', {
    detail: what,
    context: 'text and HTML in UTF-8, PNG and JPEG images',
  });
}

/** @param problem what the content is instead */
export function notAsDeclared(mime: string, problem: string): AgentError {
  return new AgentError('CLIPBOARD_TYPE_UNSUPPORTED', {
    detail: `the data is declared as ${mime}, but ${problem}`,
    resolution: 'Send text and HTML in UTF-8, images as whole PNG or JPEG files',
  });
}

export function contentTooLarge(size: string, maxBytes: number): AgentError {
  return new AgentError('MESSAGE_TOO_LARGE', {
    detail: `${size}, where ${maxBytes} bytes are shared at the most`,
    resolution: 'Raise plugins.clipboard.max_bytes, and max_message_bytes with it; or copy a file',
  });
}

/** The session's process may say anything. */
function brief(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 500);
}
