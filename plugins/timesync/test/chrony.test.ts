// The machine's own chronyd and chronyc, started by the test, away from the clock.
import { existsSync } from 'node:fs';
import { SyncTime } from '@limiquantix/plugin-sdk';
import { type FakeTools, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { parseTracking } from '../src/linux/chrony.ts';
import { timesync } from '../src/timesync.ts';
import { CHRONYC, Chronyd, freePort, whyNoChronyd } from './chronyd.ts';
import { fakeGuest } from './fake-guest.ts';

const missing = whyNoChronyd();
const running: Chronyd[] = [];
afterAll(() => Promise.all(running.map((daemon) => daemon.stop())));

function started(daemon: Chronyd): Chronyd {
  running.push(daemon);
  return daemon;
}

interface Guest {
  readonly tools: FakeTools;
  readonly host: TestHost;
}

/** A guest whose chronyc talks to that daemon. `before` may answer a command by itself. */
async function guestOf(daemon: Chronyd, { before = '' } = {}): Promise<Guest> {
  const scripts = { chronyc: `${before}\nexec ${CHRONYC} -h ${daemon.socket} "$@"` };
  const guest = fakeGuest({ scripts });
  // Seconds are enough where nothing else runs.
  const config = { wait_secs: 60 };
  const host = await testHost(timesync(guest), { package: manifest, config });
  // Before its socket is there a daemon does not run.
  await vi.waitUntil(() => existsSync(daemon.socket), { timeout: 30_000 });
  return { tools: guest.tools, host };
}

const steps = ({ tools }: Guest) => tools.calls().filter(({ args }) => args.includes('makestep'));

/** What a daemon says that may set the clock; the one of the test may not, and fails. */
const OBEYED = `case "$*" in *makestep*)
  ${CHRONYC} -h $SOCKET makestep >/dev/null; echo "200 OK"; exit 0;;
esac`;

const suite = `with chrony${missing ? ` (${missing})` : ''}`;

describe.skipIf(missing)(suite, { concurrent: true, timeout: 90_000 }, () => {
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    started(Chronyd.server(port));
  });

  const behind = async (seconds: number, options?: Parameters<typeof guestOf>[1]) =>
    guestOf(started(Chronyd.client(port, seconds)), options);

  it.each([0.5, -0.5, 0])('%s s behind are measured anew, and slewed', async (seconds) => {
    const guest = await behind(seconds);
    const answer = await guest.host.call(SyncTime, {});
    expect(answer).toMatchObject({ success: true, timeSource: 'chrony', error: '' });
    expect(Math.abs(answer.offsetSeconds - seconds)).toBeLessThan(0.1);
    expect(answer.currentTime?.seconds).toBeGreaterThan(1_700_000_000);
    expect(guest.tools.calls()).toContainEqual(
      expect.objectContaining({ args: ['-n', '-c', 'burst', '2/4'] }),
    );
    expect(steps(guest)).toEqual([]);
  });

  it('what is more than a second is stepped', async () => {
    const daemon = started(Chronyd.client(port, 30));
    const guest = await guestOf(daemon, { before: OBEYED.replace('$SOCKET', daemon.socket) });
    const { success, offsetSeconds } = await guest.host.call(SyncTime, {});
    expect(success).toBe(true);
    expect(Math.abs(offsetSeconds - 30)).toBeLessThan(0.1);
    expect(steps(guest)).toHaveLength(1);
  });

  it('what is less is stepped where that is forced', async () => {
    const daemon = started(Chronyd.client(port, 0.2));
    const guest = await guestOf(daemon, { before: OBEYED.replace('$SOCKET', daemon.socket) });
    expect(await guest.host.call(SyncTime, { force: true })).toMatchObject({ success: true });
    expect(steps(guest)).toHaveLength(1);
  });

  it('a clock that chronyd may not step is no success', async () => {
    const guest = await behind(30);
    await expect(guest.host.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      context: expect.stringContaining('500 Failure'),
    });
  });

  it('nor is one that is as wrong after it', async () => {
    const guest = await behind(30, {
      before: 'case "$*" in *makestep*) echo "200 OK"; exit 0;; esac',
    });
    await expect(guest.host.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      context: expect.stringMatching(/still (30|29)(\.\d+)? s off after makestep/),
    });
  });

  it('nor what was measured earlier, while the server is silent', async () => {
    const ownPort = await freePort();
    const server = started(Chronyd.server(ownPort));
    const guest = await guestOf(started(Chronyd.client(ownPort, 0)));
    expect(await guest.host.call(SyncTime, {})).toMatchObject({ success: true });
    await server.stop();
    const config = { wait_secs: 2 };
    const { tools } = guest;
    const later = await testHost(
      timesync({ ...fakeGuest({ scripts: {} }), findTool: tools.find }),
      {
        package: manifest,
        config,
      },
    );
    await expect(later.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      message: expect.stringContaining('chrony measured nothing within 2 s'),
    });
  });

  it('a daemon that does not run is told, with what else is not there', async () => {
    const daemon = started(Chronyd.client(port, 0));
    const guest = await guestOf(daemon);
    await daemon.stop();
    await expect(guest.host.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      message: expect.stringContaining('no time service that runs'),
      context: expect.stringMatching(
        /^chrony: chronyc: Could not open connection to daemon; systemd-timesyncd: systemd does not run; ntpd: none of /,
      ),
    });
  });

  it('a cancelled request does not go on waiting', async () => {
    const guest = await guestOf(started(Chronyd.client(await freePort(), 0)));
    const signal = AbortSignal.timeout(1000);
    await expect(guest.host.call(SyncTime, {}, { signal })).rejects.toThrow('timeout');
  });
});

describe('chronyc tracking', () => {
  // Recorded of chronyc 4.3 (Debian 12), whose text says "2.499997377 seconds slow of NTP time".
  const BEHIND =
    '7F000001,127.0.0.1,4,1795359104.374623016,2.499997377,-2.499997377,2.499997377,0.114,0.000,496.070,0.000009333,0.000590641,0.0,Normal\n';
  const NEVER =
    '00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n';

  it('is positive where the guest is behind', () => {
    expect(parseTracking(BEHIND)).toEqual({
      measuredAt: '1795359104.374623016',
      offsetSeconds: 2.499997377,
      synchronised: true,
    });
  });

  it('may say that nothing was ever measured', () => {
    expect(parseTracking(NEVER)).toMatchObject({ synchronised: false });
  });

  it.each(['', '\n', 'a,b,c', '506 Cannot talk to daemon\n', BEHIND.replace('2.499997377', 'x')])(
    'is not taken for more than it is: %j',
    (text) => {
      expect(parseTracking(text)).toBeUndefined();
    },
  );

  it('holds a finite offset, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 20 }), (columns) => {
        const found = parseTracking(columns.join());
        return found === undefined || Number.isFinite(found.offsetSeconds);
      }),
    );
  });
});
