import type { Plugin } from '@limiquantix/plugin-sdk';
import { lifecycle } from './lifecycle.ts';

const plugin: Plugin = lifecycle();

export default plugin;
