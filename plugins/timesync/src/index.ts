import type { Plugin } from '@limiquantix/plugin-sdk';
import { type TimesyncConfig, timesync } from './timesync.ts';

const plugin: Plugin<TimesyncConfig> = timesync();

export default plugin;
