import type { Plugin } from '@limiquantix/plugin-sdk';
import { findDesktopSession } from '@limiquantix/plugin-sdk/guest';
import { displayPlugin } from './plugin.ts';

const plugin: Plugin = displayPlugin(findDesktopSession);

export default plugin;
