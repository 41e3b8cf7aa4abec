export * from '@limiquantix/agent-proto';
export type { Call, Session } from './call.ts';
export { type Handler, on } from './handler.ts';
export type { Capabilities, HookName, Hooks, Outcome } from './hooks.ts';
export type { LogFields, Logger } from './log.ts';
export {
  type Activate,
  type AgentFacts,
  type Contribution,
  definePlugin,
  type FreezeGate,
  type Plugin,
  type PluginContext,
  type PluginMethod,
  Skip,
} from './plugin.ts';
