/** How long a call may take unless its caller says otherwise. */
export const USUAL_TIMEOUT_MS = 30_000;

/** Beyond the time that a request grants by itself: the agent answers when that is over. */
const GRACE_MS = 5000;

/** A command that may run for an hour must not be stopped after half a minute. */
export function usualTimeoutMs(request: object): number {
  const { timeoutSeconds } = request as { readonly timeoutSeconds?: unknown };
  if (typeof timeoutSeconds !== 'number') return USUAL_TIMEOUT_MS;
  return Math.max(USUAL_TIMEOUT_MS, timeoutSeconds * 1000 + GRACE_MS);
}
