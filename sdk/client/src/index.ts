// A program on the host needs one import: methods, events and errors are the wire's.
export * from '@limiquantix/agent-proto';
export { BadAnswer } from './bad-answer.ts';
export { CallTimeout } from './call-timeout.ts';
export { AgentClient, type ReceivedTelemetry } from './client.ts';
export type { LogFields, Logger } from './log.ts';
export type {
  AgentClientOptions,
  CallOptions,
  ClientState,
  DownloadOptions,
  EventOptions,
  Progress,
  ReconnectOptions,
  UploadOptions,
} from './options.ts';
