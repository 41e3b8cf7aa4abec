import { AgentError } from '@limiquantix/agent-proto';

// A program can hold two copies of this package; the registered symbol is known to both.
const BRAND = Symbol.for('limiquantix.BadAnswer');

/**
 * What the agent answered cannot be taken: it is unreadable (QXGA-2001) or too long (QXGA-2003).
 * An AgentError of the same code that is none of these speaks of the request.
 */
export class BadAnswer extends AgentError {
  static override is(value: unknown): value is BadAnswer {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

Object.defineProperty(BadAnswer.prototype, BRAND, { value: true });
