export {
  AgentError,
  type AgentErrorOptions,
  categoryOf,
  codeString,
  type ErrorName,
  nameOfCode,
} from './errors/agent-error.ts';
export { CATALOGUE } from './errors/catalogue.ts';
export { type CatalogueEntry, catalogueEntries, catalogueMarkdown } from './errors/listing.ts';
export * from './event.ts';
export type * from './gen/messages.ts';
export {
  ClipboardType,
  ErrorCategory,
  ErrorReason,
  ErrorSeverity,
  InterfaceState,
  PluginAction,
  PluginState,
  ServiceAction,
  ShutdownType,
  UpdateState,
} from './gen/messages.ts';
export type { Init } from './init.ts';
export * from './method.ts';
export { timestampMs, timestampOf } from './timestamp.ts';
