import { ErrorCategory, ErrorReason, type AgentError as WireError } from '../gen/messages.ts';
import type { Init } from '../init.ts';
import { CATALOGUE } from './catalogue.ts';

/** A name of the catalogue, such as `FILE_NOT_FOUND`. */
export type ErrorName = keyof typeof CATALOGUE;

export interface AgentErrorOptions {
  /** What it was about: a path, a command, a limit. Appended to the description. */
  readonly detail?: string | undefined;
  /** What else an operator needs to know; on the wire as `context`. */
  readonly context?: string | undefined;
  /** What to do, where the catalogue's own advice does not fit. */
  readonly resolution?: string | undefined;
  /** Where the name alone does not tell a program what to make of it. */
  readonly reason?: ErrorReason | undefined;
  /** What was thrown underneath. Logged, never sent. */
  readonly cause?: unknown;
}

// Each plugin's bundle has its own copy of this class, so it is known by a registered symbol.
const BRAND = Symbol.for('limiquantix.AgentError');

/** The one error that handlers throw and clients catch. Its text begins with its code. */
export class AgentError extends Error {
  override readonly name: ErrorName;
  /** 1001 to 9006. */
  readonly code: number;
  readonly context: string | undefined;
  readonly resolution: string;
  readonly reason: ErrorReason;

  constructor(name: ErrorName, options: AgentErrorOptions = {}) {
    const [code, description, resolution] = CATALOGUE[name];
    super(options.detail ? `${description}: ${options.detail}` : description, {
      cause: options.cause,
    });
    this.name = name;
    this.code = code;
    this.context = options.context;
    this.resolution = options.resolution ?? resolution;
    this.reason = options.reason ?? ErrorReason.UNSPECIFIED;
  }

  static is(value: unknown): value is AgentError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** Any thrown value as an AgentError; what is not one becomes INTERNAL_ERROR with it as cause. */
  static from(thrown: unknown): AgentError {
    if (AgentError.is(thrown)) return thrown;
    return new AgentError('INTERNAL_ERROR', { detail: textOf(thrown), cause: thrown });
  }

  /** An error that came over the wire, with the sender's own words. */
  static fromWire(wire: WireError): AgentError {
    const name = nameOfCode(wire.code);
    const error = new AgentError(name ?? 'INTERNAL_ERROR', {
      context: wire.context || undefined,
      resolution: wire.resolution || undefined,
      reason: wire.reason,
    });
    if (wire.message !== '') error.message = wire.message;
    return error;
  }

  /** `QXGA-4001` */
  get codeString(): string {
    return codeString(this.code);
  }

  get category(): ErrorCategory {
    return categoryOf(this.code);
  }

  /** `QXGA-4001: File not found: /etc/x`, the form of every `error` field. */
  override toString(): string {
    return `${this.codeString}: ${this.message}`;
  }

  toWire(): Init<WireError> {
    return {
      code: this.code,
      category: this.category,
      name: this.name,
      message: this.message,
      context: this.context,
      resolution: this.resolution,
      reason: this.reason,
    };
  }
}

/** Never throws, whatever was thrown: not everything can be made a string. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that has no text was thrown';
  }
}

Object.defineProperty(AgentError.prototype, BRAND, { value: true });

/** `4001` is `QXGA-4001`. */
export function codeString(code: number): string {
  return `QXGA-${String(code).padStart(4, '0')}`;
}

/** The category is the code's first digit. */
export function categoryOf(code: number): ErrorCategory {
  const digit = Math.trunc(code / 1000);
  return digit >= 1 && digit <= 9 ? digit : ErrorCategory.UNSPECIFIED;
}

/** The catalogue's name of a code; undefined where it has none. */
export function nameOfCode(code: number): ErrorName | undefined {
  return (Object.keys(CATALOGUE) as ErrorName[]).find((name) => CATALOGUE[name][0] === code);
}
