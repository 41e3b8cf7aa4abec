import { DisplayResize, definePlugin, on, type Plugin } from '@limiquantix/plugin-sdk';
import type { FindDesktopSession } from '@limiquantix/plugin-sdk/guest';
import { Resizer } from './resize.ts';

/** @param findSession where the display is */
export function displayPlugin(findSession: FindDesktopSession): Plugin {
  return definePlugin(() => {
    const resizer = new Resizer(findSession);
    return { handlers: [on(DisplayResize, (request) => resizer.resize(request))] };
  });
}
