import type {
  Call,
  Init,
  Logger,
  ShutdownRequest,
  ShutdownResponse,
} from '@limiquantix/plugin-sdk';
import type { Countdown } from './countdown.ts';
import { delayTooLong } from './errors.ts';
import { announce } from './linux/announce.ts';
import type { Guest } from './linux/guest.ts';
import { bringDown, powerCommands } from './linux/power.ts';
import { powerActionOf } from './power-action.ts';

const MAX_DELAY_SECONDS = 7 * 86_400;
const MAX_REASON_CHARS = 500;

export interface ShutdownOptions {
  readonly countdown: Countdown;
  readonly guest: Guest;
  readonly log: Logger;
}

/**
 * Checks what can be checked and begins the countdown; the answer goes out before anything
 * happens.
 * @throws AgentError SHUTDOWN_FAILED, REBOOT_FAILED
 */
export function shutdown(
  { type, delaySeconds, message }: ShutdownRequest,
  call: Call,
  { countdown, guest, log }: ShutdownOptions,
): Init<ShutdownResponse> {
  const action = powerActionOf(type);
  if (delaySeconds > MAX_DELAY_SECONDS) throw delayTooLong(action, delaySeconds, MAX_DELAY_SECONDS);
  const reason = displayable(message);
  const commands = powerCommands(action, reason, guest);
  countdown.begin({
    call,
    action,
    delayMs: delaySeconds * 1000,
    carryOut: () => bringDown(action, commands),
  });
  void announce({ action, delaySeconds, reason }, guest)
    .catch(String)
    .then((complaint) => complaint && log.warn('users were not told', { complaint }));
  return { accepted: true };
}

/** One line that does nothing to a terminal. */
function displayable(message: string): string {
  return [...message.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()]
    .slice(0, MAX_REASON_CHARS)
    .join('');
}
