import { ShutdownType } from '@limiquantix/plugin-sdk';
import { shutdownTypeUnknown } from './errors.ts';

export type PowerAction = 'poweroff' | 'reboot' | 'halt';

/** @throws AgentError SHUTDOWN_FAILED */
export function powerActionOf(type: ShutdownType): PowerAction {
  switch (type) {
    case ShutdownType.POWEROFF:
      return 'poweroff';
    case ShutdownType.REBOOT:
      return 'reboot';
    case ShutdownType.HALT:
      return 'halt';
    default:
      throw shutdownTypeUnknown(type);
  }
}
