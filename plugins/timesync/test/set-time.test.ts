import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncTime, timestampMs, timestampOf } from '@limiquantix/plugin-sdk';
import { memoryLogger, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { setByHost } from '../src/set-by-host.ts';
import { timesync } from '../src/timesync.ts';
import { type FakeGuest, type FakeGuestOptions, fakeGuest } from './fake-guest.ts';

/** Milliseconds: what a busy machine may take to start a program. */
const SLACK = 1500;

async function start(
  scripts: FakeGuestOptions['scripts'] = {},
  clock: FakeGuestOptions['clock'] = 'obeys',
): Promise<{ guest: FakeGuest; host: TestHost }> {
  const guest = fakeGuest({ scripts, clock });
  const host = await testHost(timesync(guest), { package: manifest });
  return { guest, host };
}

/** Asks a guest whose clock is so far ahead (negative: behind) to take the host's time. */
async function setTime(guest: FakeGuest, host: TestHost, aheadMs: number, force = false) {
  const hostMs = guest.wall();
  guest.aheadMs = aheadMs;
  const answer = host.call(SyncTime, { force, setTime: timestampOf(hostMs) });
  return { hostMs, answer };
}

describe.concurrent('a clock that is more than a second off', () => {
  it.each([3_600_000, -3_600_000, 1500, -1500])('is stepped (%i ms ahead)', async (aheadMs) => {
    const { guest, host } = await start();
    const { hostMs, answer } = await setTime(guest, host, aheadMs);
    const { success, offsetSeconds, timeSource, currentTime } = await answer;
    expect({ success, timeSource }).toEqual({ success: true, timeSource: 'manual' });
    const [setMs = 0] = guest.set;
    expect(setMs).toBeGreaterThanOrEqual(hostMs - 1);
    expect(setMs).toBeLessThan(hostMs + SLACK);
    // Host less guest: positive where the guest was behind.
    expect(Math.abs(offsetSeconds + aheadMs / 1000)).toBeLessThan(SLACK / 1000);
    expect(currentTime && timestampMs(currentTime)).toBeGreaterThanOrEqual(hostMs - 1);
    expect(currentTime && timestampMs(currentTime)).toBeLessThan(hostMs + 2 * SLACK);
    expect(guest.slewed).toEqual([]);
  });

  it('is an error where it cannot be set, with what was said', async () => {
    const { guest, host } = await start({ hwclock: '' }, 'refuses');
    const { answer } = await setTime(guest, host, 5000);
    await expect(answer).rejects.toMatchObject({
      code: 5009,
      context: 'clock_settime EPERM: not permitted',
    });
    expect(guest.tools.calls('hwclock')).toEqual([]);
  });

  it('is an error where it is as wrong as before', async () => {
    const { guest, host } = await start({}, 'goes elsewhere');
    const { answer } = await setTime(guest, host, 60_000);
    await expect(answer).rejects.toMatchObject({
      code: 5009,
      message: expect.stringMatching(/is -(60|59)\.?\d* s off all the same/),
    });
  });
});

describe.concurrent('an agent that came without C functions', () => {
  it('has date set the clock, however small the offset', async () => {
    const { guest, host } = await start({ date: '' }, 'cannot be called');
    const { success } = await (await setTime(guest, host, 600)).answer;
    expect(success).toBe(true);
    expect(guest.tools.calls('date')).toMatchObject([
      { args: ['-u', '-s', expect.stringMatching(/^@\d{10}\.\d{6}$/)] },
    ]);
  });

  it.each([
    ['echo "date: cannot set date" >&2; exit 1', 'date: date: cannot set date'],
    [undefined, 'date is not installed'],
  ])('says why that failed', async (date, context) => {
    const { guest, host } = await start(date ? { date } : {}, 'cannot be called');
    const { answer } = await setTime(guest, host, 5000);
    await expect(answer).rejects.toMatchObject({ code: 5009, context });
  });
});

describe.concurrent('a clock that is up to a second off', () => {
  it.each([-600, 600])('is slewed (%i ms ahead)', async (aheadMs) => {
    const { guest, host } = await start();
    const { answer } = await setTime(guest, host, aheadMs);
    expect(await answer).toMatchObject({ success: true, timeSource: 'manual' });
    expect(guest.set).toEqual([]);
    expect(guest.slewed).toHaveLength(1);
    expect(Math.abs((guest.slewed[0] ?? 0) + aheadMs)).toBeLessThan(SLACK);
  });

  it('is stepped where that is forced', async () => {
    const { guest, host } = await start();
    const { answer } = await setTime(guest, host, 0, true);
    expect(await answer).toMatchObject({ success: true });
    expect(guest.set).toHaveLength(1);
    expect(guest.slewed).toEqual([]);
  });

  it('is left alone where nobody could tell the difference', async () => {
    const { guest, host } = await start();
    const { answer } = await setTime(guest, host, 0);
    const { success, offsetSeconds } = await answer;
    expect(success).toBe(true);
    expect(Math.abs(offsetSeconds)).toBeLessThan(0.05);
    expect(guest.set).toEqual([]);
    expect(guest.slewed).toEqual([]);
  });
});

it('counts in how long the request was under way', async () => {
  const guest = fakeGuest({ scripts: {} });
  const setTime = timestampOf(guest.wall());
  const request = { setTime, receivedAt: performance.now() - 700, force: false };
  await sleep(50);
  const offset = await setByHost(request, { guest, log: memoryLogger() });
  expect(offset).toBeGreaterThan(0.69);
  expect(offset).toBeLessThan(0.9);
});

describe.concurrent('the hardware clock', () => {
  it('follows, in UTC', async () => {
    const { guest, host } = await start({ hwclock: '' });
    await (await setTime(guest, host, 0)).answer;
    expect(guest.tools.calls('hwclock')).toMatchObject([{ args: ['--systohc', '--utc'] }]);
  });

  it.each([
    ['LOCAL', '--localtime'],
    ['UTC', '--utc'],
  ])('follows in the scale of the guest (%s)', async (scale, option) => {
    const { guest, host } = await start({ hwclock: '' });
    writeFileSync(guest.adjtimeFile, `0.0 1700000000 0.0\n1700000000\n${scale}\n`);
    await (await setTime(guest, host, 0)).answer;
    expect(guest.tools.calls('hwclock')).toMatchObject([{ args: ['--systohc', option] }]);
  });

  it.each([{}, { hwclock: 'echo "hwclock: Cannot access the Hardware Clock" >&2; exit 1' }])(
    'that cannot follow is a warning (%#)',
    async (scripts) => {
      const { guest, host } = await start(scripts);
      expect(await (await setTime(guest, host, 0)).answer).toMatchObject({ success: true });
      expect(host.log.filter(({ level }) => level === 'warn')).toHaveLength(1);
    },
  );
});

describe('a time that no host can mean', () => {
  const at = (text: string) => Math.floor(Date.parse(text) / 1000);
  it.each([
    ['1900', at('1900-01-01'), 0],
    ['1969', -1, 0],
    ['1970', 0, 0],
    ['1999', at('1999-12-31T23:59:59Z'), 0],
    ['2100', at('2100-01-01'), 0],
    ['9999', at('9999-12-31'), 0],
    ['no year', Number.MAX_SAFE_INTEGER, 0],
    ['none before', Number.MIN_SAFE_INTEGER, 0],
    ['nanoseconds', -1, 2 ** 31 - 1],
  ])('is refused: %s', async (_, seconds, nanos) => {
    const { guest, host } = await start({ hwclock: '' });
    const refused = host.call(SyncTime, { force: true, setTime: { seconds, nanos } });
    await expect(refused).rejects.toMatchObject({ code: 5009 });
    expect(guest.set).toEqual([]);
    expect(guest.tools.calls()).toEqual([]);
  });
});

it('two requests set the clock one after the other', async () => {
  const { guest, host } = await start({
    hwclock: 'mkdir "$0.busy" || exit 1; sleep 0.3; rmdir "$0.busy"',
  });
  const request = { setTime: timestampOf(guest.wall()) };
  const both = [host.call(SyncTime, request), host.call(SyncTime, request)];
  expect(await Promise.all(both)).toMatchObject([{ success: true }, { success: true }]);
  expect(host.log.filter(({ level }) => level === 'warn')).toEqual([]);
});
