import { Execute, FileRead, Ping, Shutdown } from '@limiquantix/agent-proto';
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../src/security/rate-limit.ts';

function limited(commands: number, fileOps: number) {
  let now = 0;
  const rate = new RateLimit(
    { max_commands_per_minute: commands, max_file_ops_per_second: fileOps },
    () => now,
  );
  const allowed = (method: typeof Execute | typeof FileRead, times: number) =>
    Array.from({ length: times }, () => rate.denial(method)).filter((denial) => !denial).length;
  return { rate, allowed, pass: (ms: number) => (now += ms) };
}

describe('rates', () => {
  it('allow so many commands a minute', () => {
    const { allowed, pass } = limited(6, 0);
    expect(allowed(Execute, 10)).toBe(6);
    pass(9999);
    expect(allowed(Execute, 10)).toBe(0);
    pass(1);
    expect(allowed(Execute, 10)).toBe(1);
  });

  it('allow so many file operations a second', () => {
    const { allowed, pass } = limited(0, 100);
    expect(allowed(FileRead, 150)).toBe(100);
    pass(500);
    expect(allowed(FileRead, 150)).toBe(50);
  });

  it('save up no more than one period', () => {
    const { allowed, pass } = limited(6, 0);
    pass(3_600_000);
    expect(allowed(Execute, 100)).toBe(6);
  });

  it('are without limit at 0', () => {
    const { allowed } = limited(0, 0);
    expect(allowed(Execute, 1000)).toBe(1000);
    expect(allowed(FileRead, 1000)).toBe(1000);
  });

  it('say what is allowed and which key says so', () => {
    const { rate } = limited(1, 1);
    rate.denial(Execute);
    rate.denial(FileRead);
    expect(rate.denial(Execute)).toMatchObject({
      code: 8001,
      message: 'Rate limit exceeded: execute: 1 a minute are allowed',
      resolution: 'Wait and retry, or raise security.max_commands_per_minute',
    });
    expect(rate.denial(FileRead)).toMatchObject({
      message: 'Rate limit exceeded: file_read: 1 a second are allowed',
      resolution: 'Wait and retry, or raise security.max_file_ops_per_second',
    });
  });

  it('concern nothing else', () => {
    const { rate } = limited(1, 1);
    for (let i = 0; i < 100; i++) {
      expect(rate.denial(Ping)).toBeUndefined();
      expect(rate.denial(Shutdown)).toBeUndefined();
    }
  });
});
