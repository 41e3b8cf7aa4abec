import { Quiesce, Thaw } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute, GRACE_MS } from '../call-route.ts';

/** The agent thaws by itself after this where a request sets no timeout. */
const DEFAULT_TIMEOUT_SECONDS = 60;
/** For the scripts of the guest's applications: each may take 30 s, and comes on top. */
const SCRIPTS_MS = 120_000;

export const QUIESCE: readonly AnyCallRoute[] = [
  callRoute({
    method: 'POST',
    path: '/quiesce',
    calls: Quiesce,
    timeoutMs: ({ timeoutSeconds }) =>
      SCRIPTS_MS + (timeoutSeconds || DEFAULT_TIMEOUT_SECONDS) * 1000 + GRACE_MS,
  }),
  callRoute({
    method: 'POST',
    path: '/thaw',
    calls: Thaw,
    timeoutMs: () => SCRIPTS_MS + GRACE_MS,
  }),
];
