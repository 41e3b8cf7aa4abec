import { AgentError } from '@limiquantix/agent-proto';
import type { HealthConfig } from '../config/config.ts';

export interface HealthOptions {
  readonly config: HealthConfig;
  /** Monotonic time of the last telemetry sent; undefined where none is to be expected. */
  readonly lastTelemetry: () => number | undefined;
  readonly onAlert: (error: AgentError) => void;
  readonly onRecovered: () => void;
}

/** A turn of the event loop that took this long delays every answer. */
const STALL_MS = 1000;

/** Looks after the agent itself and says once when something is wrong with it. */
export class HealthMonitor {
  readonly #options: HealthOptions;
  #timer: NodeJS.Timeout | undefined;
  #alert = '';
  #expectedAt = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  start(): void {
    const { enabled, interval_secs } = this.#options.config;
    if (!enabled) return;
    this.#expectedAt = performance.now() + interval_secs * 1000;
    this.#timer = setInterval(() => this.#look(), interval_secs * 1000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const late = now - this.#expectedAt;
    this.#expectedAt = now + this.#options.config.interval_secs * 1000;
    const problem = this.#silence(now) ?? stall(late);
    if (problem && problem.message !== this.#alert) this.#options.onAlert(problem);
    else if (!problem && this.#alert) this.#options.onRecovered();
    this.#alert = problem?.message ?? '';
  }

  #silence(now: number): AgentError | undefined {
    const last = this.#options.lastTelemetry();
    const limit = this.#options.config.telemetry_timeout_secs;
    if (last === undefined || now - last < limit * 1000) return undefined;
    return new AgentError('INTERNAL_ERROR', {
      detail: `no telemetry for more than ${limit} s`,
      resolution: 'See the log for what the telemetry plugin says; plugin_control can reload it',
    });
  }
}

function stall(late: number): AgentError | undefined {
  if (late < STALL_MS) return undefined;
  return new AgentError('INTERNAL_ERROR', {
    detail: 'the agent did not get to run for more than a second',
    resolution: 'Check whether the guest is short of CPU time or memory',
  });
}
