import { AgentError } from '@limiquantix/agent-proto';

// A program can hold two copies of this package; the registered symbol is known to both.
const BRAND = Symbol.for('limiquantix.CallTimeout');

/**
 * The agent did not answer in time (QXGA-1005). What was asked may have been done
 * nevertheless; the agent is told to stop it.
 */
export class CallTimeout extends AgentError {
  constructor(
    what: string,
    options: { readonly context?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super('READ_FAILED', {
      ...options,
      resolution: 'Check that the agent runs in the guest, or allow more time',
    });
    this.message = `The agent did not answer ${what}`;
  }

  static override is(value: unknown): value is CallTimeout {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

Object.defineProperty(CallTimeout.prototype, BRAND, { value: true });
