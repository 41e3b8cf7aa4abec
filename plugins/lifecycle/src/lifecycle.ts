import {
  type AgentError,
  definePlugin,
  ErrorReport,
  ErrorSeverity,
  on,
  type Plugin,
  ResetPassword,
  Shutdown,
} from '@limiquantix/plugin-sdk';
import { Countdown } from './countdown.ts';
import { type Guest, thisGuest } from './linux/guest.ts';
import { PasswordReset } from './reset-password.ts';
import { shutdown } from './shutdown.ts';

/** @param guest another than this one, for tests */
export function lifecycle(guest: Guest = thisGuest()): Plugin {
  return definePlugin(({ name, log, emit }) => {
    // Whoever asked has been answered already: only an event can still tell the host.
    function report(error: AgentError): void {
      const { codeString: code, message, context = '', resolution } = error;
      log.error(error.toString(), { context });
      emit(ErrorReport, {
        severity: ErrorSeverity.ERROR,
        code,
        message,
        details: { name: error.name, context, resolution },
      });
    }
    const countdown = new Countdown({ log, onFailure: report });
    const passwords = new PasswordReset({ guest, log });
    return {
      handlers: [
        on(Shutdown, (request, call) => shutdown(request, call, { countdown, guest, log })),
        on(ResetPassword, (request, call) => passwords.reset(request, call.signal)),
      ],
      tap(hooks) {
        hooks.settled.tap(name, (call, { error }) => {
          if (error) countdown.forget(call);
        });
        hooks.freezing.tap(name, () => countdown.freeze());
        hooks.thawed.tap(name, () => countdown.thaw());
        hooks.stopping.tap(name, () => countdown.stop());
      },
    };
  });
}
