import { DisplayResize, definePlugin, on, type Plugin } from '@limiquantix/plugin-sdk';
import type { FindDesktopSession } from '@limiquantix/plugin-sdk/guest';
import { Resizer } from './resize.ts';

/**
 * @param findSession where the display is
 * @param kernelLog for tests
 */
export function displayPlugin(findSession: FindDesktopSession, kernelLog = '/dev/kmsg'): Plugin {
  return definePlugin(() => {
    const resizer = new Resizer(findSession, kernelLog);
    return { handlers: [on(DisplayResize, (request) => resizer.resize(request))] };
  });
}
