import { definePlugin, type Plugin } from '@limiquantix/plugin-sdk';
import { runTool } from '@limiquantix/plugin-sdk/guest';
import { type Config, contribution } from './contribution.ts';
import { findManager } from './linux/find-manager.ts';

const plugin: Plugin<Config> = definePlugin<Config>((context) =>
  contribution(context, () => findManager(runTool)),
);

export default plugin;
