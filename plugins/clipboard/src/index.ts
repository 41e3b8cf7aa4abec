import type { Plugin } from '@limiquantix/plugin-sdk';
import { DesktopWatch, findDesktopSession } from '@limiquantix/plugin-sdk/guest';
import { type ClipboardConfig, clipboardPlugin } from './plugin.ts';
import { serve } from './session/serve.ts';
import { SESSION_PROCESS } from './session-clipboard.ts';

// The bundle is a program too: the process that runs in the session as its user.
if (process.argv[2] === SESSION_PROCESS) void serve(Number(process.argv[3]));

const desktops = new DesktopWatch();
const plugin: Plugin<ClipboardConfig> = clipboardPlugin({
  findSession: findDesktopSession,
  worthLooking: () => desktops.worthLooking(),
  program: __filename,
});

export default plugin;
