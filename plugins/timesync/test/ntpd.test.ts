import { SyncTime } from '@limiquantix/plugin-sdk';
import { type FakeTools, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { measuredOffset } from '../src/linux/ntpd.ts';
import { timesync } from '../src/timesync.ts';
import { fakeGuest } from './fake-guest.ts';

// Recorded of ntpq, ntpdig and ntpd 1.2.2 of NTPsec (Debian 12), with a chronyd as the server.
const NTPDIG = '2026-11-22 14:53:52.60703 (+0000) -0.000036 +/- 0.000436 192.0.2.1 s3 no-leap';
const NOBODY = 'ntpdig: no eligible servers';
const FORBIDDEN = `${NTPDIG}
CLOCK: step_systime: Operation not permitted`;
const SYSTEM = `associd=0 status=c016 leap_alarm, sync_unspec, 1 event, restart,
leap=11, stratum=4, precision=-24, rootdelay=0.053, rootdisp=187.581,
refid=192.0.2.1, reftime=eead808c.74f81358 2026-11-22T14:54:04.456Z, tc=4,
peer=17767, offset=0.0, frequency=0.0, sys_jitter=0.0, clk_jitter=6e-05`;
const NOT_RUNNING = '***Socket error; probably ntpd is not running';
// As ntpdate(8) of NTP 4.2.8 describes them.
const ADJUSTED = '22 Nov 14:53:52 ntpdate[715]: adjust time server 192.0.2.1 offset +0.000123 sec';
const STEPPED = '22 Nov 14:53:52 ntpdate[715]: step time server 192.0.2.1 offset -3600.5 sec';

const NTPQ = `case "$3" in rv) echo "${SYSTEM}";; "rv 17767 srcadr") echo "srcadr=192.0.2.1";; esac`;

async function start(
  scripts: Record<string, string>,
  config = {},
): Promise<{ tools: FakeTools; host: TestHost }> {
  const guest = fakeGuest({ scripts });
  const host = await testHost(timesync(guest), { package: manifest, config });
  return { tools: guest.tools, host };
}

describe.concurrent('with ntpd', () => {
  it('the server that it follows is asked', async () => {
    const { tools, host } = await start({ ntpq: NTPQ, ntpdate: `echo "${ADJUSTED}"` });
    expect(await host.call(SyncTime, {})).toMatchObject({
      success: true,
      timeSource: 'ntpd',
      offsetSeconds: 0.000123,
    });
    expect(tools.calls('ntpdate')).toMatchObject([{ args: ['-u', '192.0.2.1'] }]);
  });

  it.each([
    ['none runs', { ntpq: `echo "${NOT_RUNNING}"` }],
    ['there is no ntpq', {}],
    ['it follows none yet', { ntpq: 'echo "peer=0, offset=0.0"' }],
    ['its address is none', { ntpq: NTPQ.replace('srcadr=192.0.2.1', 'srcadr=-b') }],
  ])('where %s, the server of the settings is', async (_, scripts) => {
    const all = { ...scripts, ntpdate: `echo "${ADJUSTED}"` };
    const standard = await start(all);
    await standard.host.call(SyncTime, {});
    expect(standard.tools.calls('ntpdate')).toMatchObject([{ args: ['-u', 'pool.ntp.org'] }]);
    const own = await start(all, { ntp_server: 'time.example' });
    await own.host.call(SyncTime, {});
    expect(own.tools.calls('ntpdate')).toMatchObject([{ args: ['-u', 'time.example'] }]);
  });

  it('the clock is stepped where that is forced', async () => {
    const { tools, host } = await start({ ntpdate: `echo "${STEPPED}"` });
    expect(await host.call(SyncTime, { force: true })).toMatchObject({ offsetSeconds: -3600.5 });
    expect(tools.calls('ntpdate')).toMatchObject([{ args: ['-u', '-b', 'pool.ntp.org'] }]);
  });

  it.each(['ntpdig', 'sntp'])('%s does where there is no ntpdate', async (client) => {
    const { tools, host } = await start({ [client]: `echo "${NTPDIG}"` });
    expect(await host.call(SyncTime, {})).toMatchObject({ offsetSeconds: -0.000036 });
    await host.call(SyncTime, { force: true });
    expect(tools.calls(client)).toMatchObject([
      { args: ['-s', '-S', '-M', '500', 'pool.ntp.org'] },
      { args: ['-S', 'pool.ntp.org'] },
    ]);
  });

  it('nothing is claimed that was not measured', async () => {
    const { host } = await start({
      ntpdate: 'echo "ntpdate: no server suitable for synchronization found"; exit 1',
      ntpdig: `echo "${NOBODY}" >&2; exit 1`,
      sntp: 'echo hello',
    });
    await expect(host.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      message: expect.stringContaining('ntpd could not do it'),
      context: expect.stringMatching(/no server suitable.*no eligible servers.*sntp: hello/),
    });
  });

  it('nor what was measured and could not be set', async () => {
    const { host } = await start({ ntpdig: `echo "${FORBIDDEN}"; exit 1` });
    await expect(host.call(SyncTime, {})).rejects.toMatchObject({
      code: 5009,
      context: expect.stringContaining('step_systime: Operation not permitted'),
    });
  });

  it.each(['-b', '--help', 'a b', 'x;id', '$(id)', '', 'a'.repeat(254)])(
    'the setting %j is no server',
    async (ntp_server) => {
      await expect(start({}, { ntp_server })).rejects.toMatchObject({ code: 9002 });
    },
  );
});

it.each([
  [ADJUSTED, 0.000123],
  [STEPPED, -3600.5],
  [NTPDIG, -0.000036],
  ['22 Nov ntpdate[1]: adjust time server 2001:db8::1 offset 0.000123 sec', 0.000123],
  [NOBODY, undefined],
  ['', undefined],
])('the offset of %j is %s', (text, offset) => {
  expect(measuredOffset(text)).toBe(offset);
});
