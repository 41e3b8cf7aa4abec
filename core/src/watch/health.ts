import { AgentError } from '@limiquantix/agent-proto';
import type { HealthConfig } from '../config/config.ts';

export interface TelemetryState {
  /** When a report was sent last: monotonic milliseconds. */
  readonly sentAt: number;
  readonly intervalSecs: number;
}

export interface HealthOptions {
  readonly config: HealthConfig;
  /** Undefined where none is to be expected. */
  readonly telemetry: () => TelemetryState | undefined;
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
    const telemetry = this.#options.telemetry();
    if (!telemetry) return undefined;
    // Where reports are to be rare, one that is not sent yet is not missing.
    const limit = Math.max(this.#options.config.telemetry_timeout_secs, 2 * telemetry.intervalSecs);
    if (now - telemetry.sentAt < limit * 1000) return undefined;
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
