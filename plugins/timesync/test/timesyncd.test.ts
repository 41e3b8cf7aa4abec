import { SyncTime } from '@limiquantix/plugin-sdk';
import { type FakeTools, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { offsetOf } from '../src/linux/timesyncd.ts';
import { timesync } from '../src/timesync.ts';
import { fakeGuest } from './fake-guest.ts';

// Recorded of systemd-timesyncd and busctl 252.39 (Debian 12) with a chronyd as its server.
// `timedatectl timesync-status` said of it "Offset: +59us".
const ANSWERED =
  '(uuuuittayttttbtt) 0 4 4 3 -26 0 0 4 127 127 1 1 1795359009109881 1795359009110041 1795359009110142 1795359009110183 false 1 0';
const GONE =
  'Failed to get property NTPMessage on interface org.freedesktop.timesync1.Manager: The name org.freedesktop.timesync1 was not provided by any .service files';
// The same before its first answer, and after one that it did not believe.
const WAITING = '(uuuuittayttttbtt) 0 0 0 0 0 0 0 4 0 0 0 0 0 0 0 0 false 0 0';
const DISBELIEVED = ANSWERED.replace('false', 'true');

const ACTIVE = 'case "$1" in is-active) echo active;; esac';

async function start(
  scripts: Record<string, string>,
  { systemd = true, waitSecs = 15 }: { systemd?: boolean; waitSecs?: number } = {},
): Promise<{ tools: FakeTools; host: TestHost }> {
  const guest = fakeGuest({ scripts, systemd });
  const config = { wait_secs: waitSecs };
  const host = await testHost(timesync(guest), { package: manifest, config });
  return { tools: guest.tools, host };
}

describe.concurrent('with systemd-timesyncd', () => {
  it('the service is restarted and its measurement taken', async () => {
    const { tools, host } = await start({ systemctl: ACTIVE, busctl: `echo "${ANSWERED}"` });
    expect(await host.call(SyncTime, {})).toMatchObject({
      success: true,
      timeSource: 'systemd-timesyncd',
      offsetSeconds: 0.0000595,
    });
    expect(tools.calls().map(({ program, args }) => [program, ...args].join(' '))).toEqual([
      'systemctl try-restart systemd-timesyncd.service',
      'systemctl is-active systemd-timesyncd.service',
      'busctl get-property org.freedesktop.timesync1 /org/freedesktop/timesync1 org.freedesktop.timesync1.Manager NTPMessage',
    ]);
  });

  it('its first answer is waited for', async () => {
    const busctl = `
      [ -e "$0.1" ] || { : > "$0.1"; echo "${GONE}" >&2; exit 1; }
      [ -e "$0.2" ] || { : > "$0.2"; echo "${WAITING}"; exit; }
      [ -e "$0.3" ] || { : > "$0.3"; echo "${DISBELIEVED}"; exit; }
      echo "${ANSWERED}"`;
    const { tools, host } = await start({ systemctl: ACTIVE, busctl });
    expect(await host.call(SyncTime, {})).toMatchObject({ success: true });
    expect(tools.calls('busctl')).toHaveLength(4);
  });

  it('nothing is claimed where there is none', async () => {
    const { host } = await start(
      { systemctl: ACTIVE, busctl: `echo "${WAITING}"` },
      { waitSecs: 2 },
    );
    await expect(host.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      message: expect.stringContaining('systemd-timesyncd measured nothing within 2 s'),
    });
  });

  it('that is switched off, it is switched on', async () => {
    const { tools, host } = await start({
      systemctl: 'case "$1" in is-active) [ -e "$0.on" ];; esac',
      timedatectl: ': > "$(dirname "$0")/systemctl.on"',
      busctl: `echo "${ANSWERED}"`,
    });
    expect(await host.call(SyncTime, {})).toMatchObject({ success: true });
    expect(tools.calls('timedatectl')).toMatchObject([{ args: ['set-ntp', 'true'] }]);
  });
});

describe.concurrent('without systemd-timesyncd', () => {
  it.each([
    ['systemd does not run', { systemctl: ACTIVE }, false],
    ['systemctl is not installed', {}, true],
    [
      'Unit systemd-timesyncd.service not found.',
      { systemctl: 'echo "Unit systemd-timesyncd.service not found." >&2; exit 5' },
      true,
    ],
    [
      'NTP not supported',
      {
        systemctl: 'case "$1" in is-active) exit 3;; esac',
        timedatectl: 'echo "Failed to set ntp: NTP not supported" >&2; exit 1',
      },
      true,
    ],
    [
      'started another service',
      { systemctl: 'case "$1" in is-active) exit 3;; esac', timedatectl: '' },
      true,
    ],
  ])('the next service is looked for: %s', async (why, scripts, systemd) => {
    const { host } = await start(scripts, { systemd });
    await expect(host.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      context: expect.stringMatching(
        new RegExp(`^chrony: chronyc is not installed; systemd-timesyncd: .*${why}; ntpd: `),
      ),
    });
  });
});

describe('the property NTPMessage', () => {
  it('gives half of the difference between the ways there and back', () => {
    expect(offsetOf(ANSWERED)).toBe(0.0000595);
    expect(
      offsetOf(
        ANSWERED.replace('1795359009110041 1795359009110142', '1795359012110041 1795359012110142'),
      ),
    ).toBeCloseTo(3.0000595, 9);
  });

  it.each([WAITING, DISBELIEVED, GONE, '', '(uuuuittayttttbtt)', ANSWERED.slice(0, -4)])(
    'is not taken for more than it is: %j',
    (text) => {
      expect(offsetOf(text)).toBeUndefined();
    },
  );

  it('gives a number, whatever it is', () => {
    const tokens = fc.array(fc.oneof(fc.integer(), fc.constantFrom('false', 'true', 'x')));
    fc.assert(
      fc.property(tokens, (rest) => {
        const found = offsetOf(['(uuuuittayttttbtt)', ...rest].join(' '));
        return found === undefined || Number.isFinite(found);
      }),
    );
  });
});
