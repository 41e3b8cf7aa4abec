import type { AgentError } from '@limiquantix/agent-proto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HealthMonitor } from '../../src/watch/health.ts';

describe('the health monitor', () => {
  let alerts: string[];
  let recovered: number;
  let lastTelemetry: number | undefined;
  let intervalSecs: number;
  let monitor: HealthMonitor | undefined;

  function start(config = {}): void {
    monitor = new HealthMonitor({
      config: { enabled: true, interval_secs: 10, telemetry_timeout_secs: 60, ...config },
      telemetry: () =>
        lastTelemetry === undefined ? undefined : { sentAt: lastTelemetry, intervalSecs },
      onAlert: (error: AgentError) => alerts.push(error.toString()),
      onRecovered: () => recovered++,
    });
    monitor.start();
  }

  beforeEach(() => {
    vi.useFakeTimers();
    alerts = [];
    recovered = 0;
    lastTelemetry = undefined;
    intervalSecs = 5;
  });

  afterEach(() => {
    monitor?.stop();
    vi.useRealTimers();
  });

  it('says once that telemetry is missing, and once that it is back', () => {
    lastTelemetry = performance.now();
    start();
    vi.advanceTimersByTime(50_000);
    expect(alerts).toEqual([]);
    vi.advanceTimersByTime(50_000);
    expect(alerts).toEqual(['QXGA-9003: Internal agent error: no telemetry for more than 60 s']);
    lastTelemetry = performance.now();
    vi.advanceTimersByTime(30_000);
    expect(recovered).toBe(1);
    expect(alerts).toHaveLength(1);
  });

  it('says it again when it happens again', () => {
    lastTelemetry = performance.now();
    start();
    vi.advanceTimersByTime(60_000);
    lastTelemetry = performance.now();
    vi.advanceTimersByTime(10_000);
    vi.advanceTimersByTime(60_000);
    expect(alerts).toHaveLength(2);
  });

  it('gives telemetry that is to come seldom the time of two reports', () => {
    lastTelemetry = performance.now();
    intervalSecs = 300;
    start();
    vi.advanceTimersByTime(590_000);
    expect(alerts).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(alerts).toEqual(['QXGA-9003: Internal agent error: no telemetry for more than 600 s']);
  });

  it('expects no telemetry where none is to be sent', () => {
    start();
    vi.advanceTimersByTime(600_000);
    expect(alerts).toEqual([]);
  });

  it('says that the agent did not get to run', () => {
    start();
    vi.advanceTimersByTime(10_000);
    const now = performance.now();
    // The turn after this one comes 3 s late, as seen by the monotonic clock.
    const late = vi.spyOn(performance, 'now').mockImplementation(() => now + 13_000);
    vi.advanceTimersByTime(10_000);
    late.mockRestore();
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toContain('did not get to run for more than a second');
  });

  it('looks at nothing where it is not enabled', () => {
    lastTelemetry = performance.now();
    start({ enabled: false });
    vi.advanceTimersByTime(600_000);
    expect(alerts).toEqual([]);
  });
});
