import type { Plugin } from '@limiquantix/plugin-sdk';
import { type NetworkConfig, networkPlugin } from './plugin.ts';

const plugin: Plugin<NetworkConfig> = networkPlugin();

export default plugin;
