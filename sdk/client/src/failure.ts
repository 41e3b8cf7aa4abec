import {
  AgentError,
  codeString,
  ErrorReason,
  ErrorReport,
  nameOfCode,
} from '@limiquantix/agent-proto';
import { AgentErrorCodec, decode, eventCodec } from '@limiquantix/agent-proto/codec';

/** The guest's texts end up in logs and on terminals. */
const MAX_TEXT = 4096;

/** The failure in an envelope's `error_info`. */
export function failureOfErrorInfo(bytes: Uint8Array): AgentError {
  return failure(decode(AgentErrorCodec, bytes));
}

/** The failure in an ErrorEvent that answers a request. */
export function failureOfErrorEvent(payload: Uint8Array): AgentError {
  const { code, message, details } = decode(eventCodec(ErrorReport), payload);
  const context = Object.entries(details).map(([key, value]) => `${key}: ${value}`);
  return failure({ code: codeOf(code), message, context: context.join(', ') });
}

/** The failure in a response's `error`: `QXGA-4001: File not found: /etc/x`. */
export function failureOfText(text: string): AgentError {
  const code = codeOf(text);
  if (code === undefined) return failure({ code, message: text });
  return failure({ code, message: text.slice(codeString(code).length).replace(/^:? */, '') });
}

function codeOf(text: string): number | undefined {
  const digits = /^QXGA-(\d{4})(?!\d)/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

interface GuestFailure {
  readonly code: number | undefined;
  readonly message: string;
  readonly context?: string;
  readonly resolution?: string;
  readonly reason?: ErrorReason;
}

function failure({
  code,
  message,
  context = '',
  resolution = '',
  reason = ErrorReason.UNSPECIFIED,
}: GuestFailure): AgentError {
  const known = code !== undefined && nameOfCode(code) !== undefined;
  // A newer agent's code: this host has no name for it, but an operator can look it up.
  const prefix = known || !code ? '' : `${codeString(code)}: `;
  return AgentError.fromWire({
    code: code ?? 0,
    category: 0,
    name: '',
    message: prefix + printable(message || (known ? '' : 'the agent gave no reason')),
    context: printable(context),
    resolution: printable(resolution),
    reason,
  });
}

/** Cut to size and without control characters, escape sequences among them. */
function printable(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return cut.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}
