export { createGateway, type Gateway, type GatewayOptions, type LogLevel } from './gateway.ts';
export type { Problem } from './problem.ts';
