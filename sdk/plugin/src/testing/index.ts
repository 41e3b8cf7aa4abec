export { FakeTools, type ToolCall } from './fake-tools.ts';
export { type LogEntry, memoryLogger } from './memory-logger.ts';
export { type CallOptions, type TestHost, type TestHostOptions, testHost } from './test-host.ts';
