import {
  ClipboardGet,
  type ClipboardGetResponse,
  ClipboardType,
  ClipboardUpdate,
  type ClipboardUpdateRequest,
  type Init,
} from '@limiquantix/agent-proto';
import { fromJson, type JsonObject } from '@limiquantix/agent-proto/json';
import { type AnyCallRoute, answerOf, callRoute } from '../call-route.ts';
import { decodeBytes, type Encoding, encodeBytes } from '../encoding.ts';
import { ENCODING, TEXT } from '../schema.ts';

export const CLIPBOARD: readonly AnyCallRoute[] = [
  callRoute({
    method: 'GET',
    path: '/clipboard',
    calls: ClipboardGet,
    toAnswer: (response) => clipboardJson('ClipboardGetResponse', response),
  }),
  callRoute({
    method: 'POST',
    path: '/clipboard',
    calls: ClipboardUpdate,
    shape: { required: ['type', 'data'], fields: { data: TEXT, encoding: ENCODING } },
    toRequest: ({ data, encoding, ...input }) => {
      const request: Init<ClipboardUpdateRequest> = fromJson('ClipboardUpdateRequest', input);
      const form = (encoding as Encoding | undefined) ?? usualEncoding(request.type);
      return { ...request, data: decodeBytes('data', data as string, form) };
    },
  }),
];

/** A message with a clipboard's content, its data as text or base64. */
export function clipboardJson(
  message: string,
  content: Pick<ClipboardGetResponse, 'data'>,
): JsonObject {
  const { text, encoding } = encodeBytes(content.data);
  return { ...answerOf(message, content), data: text, encoding };
}

function usualEncoding(type: ClipboardType | undefined): Encoding {
  return type === ClipboardType.IMAGE || type === ClipboardType.FILES ? 'base64' : 'utf-8';
}
