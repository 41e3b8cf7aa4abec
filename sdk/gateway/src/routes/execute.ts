import { Execute } from '@limiquantix/agent-proto';
import { fromJson } from '@limiquantix/agent-proto/json';
import { type AnyCallRoute, callRoute, GRACE_MS } from '../call-route.ts';
import { decodeBytes, type Encoding } from '../encoding.ts';
import { ENCODING, TEXT } from '../schema.ts';

/** Where a request sets no limit, the agent's own is this one unless it is configured. */
const DEFAULT_TIMEOUT_SECONDS = 300;

export const EXECUTE: AnyCallRoute = callRoute({
  method: 'POST',
  path: '/execute',
  calls: Execute,
  shape: { required: ['command'], fields: { stdin: TEXT, stdin_encoding: ENCODING } },
  toRequest: ({ stdin = '', stdin_encoding = 'utf-8', ...input }) => ({
    ...fromJson('ExecuteRequest', input),
    stdin: decodeBytes('stdin', stdin as string, stdin_encoding as Encoding),
  }),
  timeoutMs: ({ timeoutSeconds }) => (timeoutSeconds || DEFAULT_TIMEOUT_SECONDS) * 1000 + GRACE_MS,
});
