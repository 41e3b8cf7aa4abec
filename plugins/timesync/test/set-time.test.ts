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
  scripts: FakeGuestOptions['scripts'],
): Promise<{ guest: FakeGuest; host: TestHost }> {
  const guest = fakeGuest({ scripts });
  const host = await testHost(timesync(guest), { package: manifest });
  return { guest, host };
}

/** Waits, as one of the guest's tools, until the test has had the clock obey. */
const WAIT = 'until [ -e "$0.obeyed" ] || [ $((n += 1)) -gt 100 ]; do sleep 0.05; done';

/** Has the guest's clock do what its `date` was told. @returns what that was */
async function obey(guest: FakeGuest, program = 'date', calls = 1): Promise<string> {
  const told = (await guest.tools.called(program, calls)).at(-1)?.args.at(-1) ?? '';
  guest.aheadMs += Number(told.slice(1)) * 1000 - guest.wall();
  writeFileSync(`${guest.tools.find('date')}.obeyed`, '');
  return told;
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
    const { guest, host } = await start({ date: WAIT });
    const { hostMs, answer } = await setTime(guest, host, aheadMs);
    const toldMs = Number((await obey(guest)).slice(1)) * 1000;
    expect(toldMs).toBeGreaterThanOrEqual(hostMs - 1);
    expect(toldMs).toBeLessThan(hostMs + SLACK);
    const { success, offsetSeconds, timeSource, currentTime } = await answer;
    expect({ success, timeSource }).toEqual({ success: true, timeSource: 'manual' });
    // Host less guest: positive where the guest was behind.
    expect(Math.abs(offsetSeconds + aheadMs / 1000)).toBeLessThan(SLACK / 1000);
    expect(currentTime && timestampMs(currentTime)).toBeGreaterThanOrEqual(hostMs - 1);
    expect(currentTime && timestampMs(currentTime)).toBeLessThan(hostMs + 2 * SLACK);
    expect(guest.tools.calls('date')).toMatchObject([{ args: ['-u', '-s', expect.any(String)] }]);
  });

  it('is told with fractions of a second', async () => {
    const { guest, host } = await start({ date: WAIT });
    const { answer } = await setTime(guest, host, 5000);
    expect(await obey(guest)).toMatch(/^@\d{10}\.\d{6}$/);
    await answer;
  });

  it('is told when a whole second begins where busybox knows no fractions', async () => {
    // As busybox 1.35 of Debian 12 does.
    const refusal = `case "$3" in *.*) echo "date: invalid date '$3'" >&2; exit 1;; esac`;
    const { guest, host } = await start({ busybox: `${refusal}; ${WAIT}` });
    guest.tools.link('date', 'busybox');
    const { hostMs, answer } = await setTime(guest, host, 5000);
    const told = await obey(guest, 'busybox', 2);
    expect(told).toMatch(/^@\d{10}$/);
    expect(Number(told.slice(1)) * 1000).toBeGreaterThanOrEqual(hostMs);
    expect(await answer).toMatchObject({ success: true });
  });

  it('is an error where it cannot be set, with what was said', async () => {
    const { guest, host } = await start({
      date: 'echo "date: cannot set date: Operation not permitted" >&2; exit 1',
      hwclock: '',
    });
    const { answer } = await setTime(guest, host, 5000);
    await expect(answer).rejects.toMatchObject({
      code: 5009,
      context: 'date: date: cannot set date: Operation not permitted',
    });
    expect(guest.tools.calls('hwclock')).toEqual([]);
  });

  it('is an error where there is nothing to set it with', async () => {
    const { guest, host } = await start({});
    const { answer } = await setTime(guest, host, 5000);
    await expect(answer).rejects.toMatchObject({ code: 5009, context: 'date is not installed' });
  });

  it('is an error where it is as wrong as before', async () => {
    const { guest, host } = await start({ date: '' });
    const { answer } = await setTime(guest, host, 60_000);
    await expect(answer).rejects.toMatchObject({
      code: 5009,
      message: expect.stringMatching(/is -(60|59)\.?\d* s off all the same/),
    });
  });
});

describe.concurrent('a clock that is up to a second off', () => {
  it.each([
    [-600, /^(5|6|7)\d{5}$/],
    [600, /^-(5|6)\d{5}$/],
  ])('is slewed (%i ms ahead)', async (aheadMs, microseconds) => {
    const { guest, host } = await start({ date: '', adjtimex: '' });
    const { answer } = await setTime(guest, host, aheadMs);
    expect(await answer).toMatchObject({ success: true, timeSource: 'manual' });
    expect(guest.tools.calls('date')).toEqual([]);
    const [call] = guest.tools.calls('adjtimex');
    expect(call?.args[0]).toBe('--singleshot');
    expect(call?.args[1]).toMatch(microseconds);
  });

  it('is slewed by busybox, whose option has another name', async () => {
    const link = await start({ busybox: '' });
    link.guest.tools.link('adjtimex', 'busybox');
    await (await setTime(link.guest, link.host, 600)).answer;
    expect(link.guest.tools.calls()).toMatchObject([{ args: ['-o', expect.any(String)] }]);
    const applet = await start({ busybox: '' });
    await (await setTime(applet.guest, applet.host, 600)).answer;
    expect(applet.guest.tools.calls()).toMatchObject([
      { args: ['adjtimex', '-o', expect.stringMatching(/^-\d+$/)] },
    ]);
  });

  it.each([{ date: WAIT }, { date: WAIT, adjtimex: 'exit 1' }])(
    'is stepped where nothing slews it (%#)',
    async (scripts) => {
      const { guest, host } = await start(scripts);
      const { answer } = await setTime(guest, host, 600);
      await obey(guest);
      expect(await answer).toMatchObject({ success: true });
    },
  );

  it('is stepped where that is forced', async () => {
    const { guest, host } = await start({ date: WAIT, adjtimex: '' });
    const { answer } = await setTime(guest, host, 0, true);
    await obey(guest);
    expect(await answer).toMatchObject({ success: true });
    expect(guest.tools.calls('adjtimex')).toEqual([]);
  });

  it('is left alone where nobody could tell the difference', async () => {
    const { guest, host } = await start({ date: '', adjtimex: '' });
    const { answer } = await setTime(guest, host, 0);
    const { success, offsetSeconds } = await answer;
    expect(success).toBe(true);
    expect(Math.abs(offsetSeconds)).toBeLessThan(0.05);
    expect(guest.tools.calls()).toEqual([]);
  });
});

it('counts in how long the request was under way', async () => {
  const guest = fakeGuest({ scripts: { adjtimex: '' } });
  const receivedAt = performance.now() - 700;
  const request = { setTime: timestampOf(guest.wall()), receivedAt, force: false };
  await sleep(50);
  const offset = await setByHost(request, { guest, log: memoryLogger() });
  expect(offset).toBeGreaterThan(0.699);
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
    const { guest, host } = await start({ date: '', adjtimex: '', hwclock: '' });
    const refused = host.call(SyncTime, { force: true, setTime: { seconds, nanos } });
    await expect(refused).rejects.toMatchObject({ code: 5009 });
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
