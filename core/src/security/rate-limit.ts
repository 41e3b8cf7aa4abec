import { AgentError, type AnyMethod } from '@limiquantix/agent-proto';
import type { SecurityConfig } from '../config/config.ts';

/** Operations of the configured rates; 0 is unlimited. Counted on the monotonic clock. */
export class RateLimit {
  readonly #commands: TokenBucket | undefined;
  readonly #fileOps: TokenBucket | undefined;

  constructor(
    config: Pick<SecurityConfig, 'max_commands_per_minute' | 'max_file_ops_per_second'>,
    now: () => number = () => performance.now(),
  ) {
    this.#commands = bucketOf(config.max_commands_per_minute, 60_000, now);
    this.#fileOps = bucketOf(config.max_file_ops_per_second, 1000, now);
  }

  /** @returns why the operation must wait; undefined takes it into account */
  denial({ name, limit }: AnyMethod): AgentError | undefined {
    const bucket =
      limit === 'execution' ? this.#commands : limit === 'file' ? this.#fileOps : undefined;
    if (!bucket || bucket.take()) return undefined;
    const [key, unit] =
      limit === 'file'
        ? ['max_file_ops_per_second', 'second']
        : ['max_commands_per_minute', 'minute'];
    return new AgentError('RATE_LIMIT_EXCEEDED', {
      detail: `${name}: ${bucket.size} a ${unit} are allowed`,
      resolution: `Wait and retry, or raise security.${key}`,
    });
  }
}

function bucketOf(size: number, periodMs: number, now: () => number): TokenBucket | undefined {
  return size === 0 ? undefined : new TokenBucket(size, periodMs, now);
}

/** Holds `size` tokens and regains as many in each period. */
class TokenBucket {
  readonly size: number;
  readonly #perMs: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  constructor(size: number, periodMs: number, now: () => number) {
    this.size = size;
    this.#perMs = size / periodMs;
    this.#now = now;
    this.#tokens = size;
    this.#at = now();
  }

  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(this.size, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
