import {
  type AgentError,
  type AnyMethod,
  ErrorReport,
  type Method,
} from '@limiquantix/agent-proto';
import { decode, type Envelope, responseCodec } from '@limiquantix/agent-proto/codec';
import type { FrameFault } from '@limiquantix/agent-proto/frame';
import { BadAnswer } from './bad-answer.ts';
import { failureOfErrorEvent, failureOfErrorInfo, failureOfText } from './failure.ts';

/**
 * The response in an answer.
 * @throws AgentError the agent's failure, in whichever form it was sent; {@link BadAnswer}
 * where the answer cannot be read
 */
export function readAnswer<Req, Res>(method: Method<Req, Res>, envelope: Envelope): Res {
  const failure = read(method, () => failureOfEnvelope(envelope));
  if (failure && !isCutShort(method, envelope)) throw failure;
  if (envelope.field !== method.response) {
    throw unreadable(method, `it is of type ${envelope.field} in place of ${method.response}`);
  }
  const response = read(method, () => decode(responseCodec(method), envelope.payload));
  const refusal = refusalText(method, response as Record<string, unknown>);
  if (refusal !== undefined) throw failureOfText(refusal);
  return response;
}

function failureOfEnvelope(envelope: Envelope): AgentError | undefined {
  if (envelope.error) return failureOfErrorInfo(envelope.error);
  if (envelope.field === ErrorReport.field) return failureOfErrorEvent(envelope.payload);
  return undefined;
}

/** What a response says by itself about its failure: agents without `error_info` have only this. */
function refusalText(method: AnyMethod, response: Record<string, unknown>): string | undefined {
  const text = String(response.error ?? '');
  switch (method.failure) {
    case 'success':
    case 'accepted':
      return response[method.failure] === false ? text : undefined;
    case 'exit_code':
      return text !== '' && !wasStopped(response) ? text : undefined;
    case 'event':
      return undefined;
  }
}

/** Of a command that was stopped in the middle, what it wrote is worth more than the error. */
function isCutShort(method: AnyMethod, { field, payload }: Envelope): boolean {
  if (method.failure !== 'exit_code' || field !== method.response) return false;
  return wasStopped(read(method, () => decode(responseCodec(method), payload)));
}

function wasStopped({ signal, timedOut }: Record<string, unknown>): boolean {
  return signal !== 0 || timedOut === true;
}

function read<T>(method: AnyMethod, decodeIt: () => T): T {
  try {
    return decodeIt();
  } catch (cause) {
    throw unreadable(method, (cause as Error).message, cause);
  }
}

function unreadable(method: AnyMethod, why: string, cause?: unknown): BadAnswer {
  return new BadAnswer('INVALID_MESSAGE', {
    detail: `the answer to ${method.name}: ${why}`,
    cause,
    resolution: 'Update the agent in the guest; if it is current, do not trust this guest',
  });
}

/** Why an answer was not taken: the framing refused it before anybody could read it. */
export function refusedAnswer({ kind, length }: FrameFault): BadAnswer {
  if (kind !== 'too-large') {
    return new BadAnswer('INVALID_MESSAGE', { detail: 'the answer broke off in the middle' });
  }
  return new BadAnswer('MESSAGE_TOO_LARGE', {
    detail: `the answer has ${length} bytes`,
    resolution: 'Ask for less at a time, or raise maxMessageBytes',
  });
}
