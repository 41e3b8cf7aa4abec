import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventStream } from './support/event-stream.ts';
import { type Guest, restoreGuest } from './support/guest.ts';
import { TimeServer } from './support/time-server.ts';

const HOUR = 3600;
const MAC = '52:54:00:00:00:09';
const SNAPSHOT = 'an-hour-ago';

describe('the clock of a guest', () => {
  let guest: Guest;
  let server: TimeServer;
  let told: EventStream;
  beforeAll(async () => {
    server = await TimeServer.start();
    guest = await restoreGuest();
    told = await EventStream.open(guest);
  });
  afterAll(async () => {
    await guest?.stop();
    server?.stop();
  });

  /** Seconds that the guest is ahead of this machine; right to half the time that asking takes. */
  const offset = async () => {
    const asked = Date.now();
    const guestMs = Number(await guest.ok('date +%s%3N'));
    return (guestMs - (asked + Date.now()) / 2) / 1000;
  };

  const expectRight = async () => expect(Math.abs(await offset())).toBeLessThan(1);

  /** The hardware clock, which is UTC. */
  const hardwareClock = async () =>
    Number(await guest.ok('cat /sys/class/rtc/rtc0/since_epoch')) - Date.now() / 1000;

  /** A NIC of its own, through which the guest reaches the time server on this machine. */
  const plugTimeServer = async () => {
    await guest.qmp('netdev_add', { type: 'user', id: 'time', net: '10.0.9.0/24' });
    await guest.qmp('device_add', { driver: 'virtio-net-pci', netdev: 'time', mac: MAC });
    // Until udev has found it and given it its name.
    await vi.waitFor(
      () =>
        guest.ok(`name=$(ip -br link | grep ${MAC} | cut -d" " -f1)
ip link set $name up && ip address replace 10.0.9.15/24 dev $name`),
      { timeout: 30_000 },
    );
  };

  it('is set by the host, with the hardware clock, and the agent notices that it jumped', async () => {
    const greetings = told.of('agent_ready').length;
    const greetedAgain = (times: number) =>
      expect.poll(() => told.of('agent_ready').length - greetings, { timeout: 10_000 }).toBe(times);
    await guest.ok(`date -s @${Date.now() / 1000 - HOUR} && hwclock --systohc`);
    await greetedAgain(1);
    const { status, body } = await guest.rest('POST', '/sync-time', {
      set_time: new Date().toISOString(),
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { time_source: 'manual' } });
    expect(Math.abs(body.offset_seconds - HOUR)).toBeLessThan(2);
    await expectRight();
    expect(Math.abs(await hardwareClock())).toBeLessThan(2);
    await greetedAgain(2);
  });

  it('runs faster until less than a second is gone, without a jump', async () => {
    const now = { set_time: new Date().toISOString(), force: true };
    const { body: set } = await guest.rest('POST', '/sync-time', now);
    // Ahead of the guest by that, less the time that the answer and this take.
    const set_time = new Date(Date.parse(set.current_time) + 800).toISOString();
    const { status, body } = await guest.rest('POST', '/sync-time', { set_time });
    expect({ status, body }).toMatchObject({ status: 200, body: { time_source: 'manual' } });
    expect(body.offset_seconds).toBeGreaterThan(0.05);
    expect(body.offset_seconds).toBeLessThan(0.9);
    // What adjtimex(2) has left of it, and nothing after a step: ADJ_OFFSET_SS_READ, then the
    // field behind `modes`.
    const left = await guest.ok(
      `perl -e '$t = pack("Ix4x200", 0xa001); syscall(159, $t); print unpack("x8q", $t)'`,
    );
    expect(Number(left) / 1e6).toBeGreaterThan(body.offset_seconds - 0.05);
    expect(Number(left) / 1e6).toBeLessThanOrEqual(body.offset_seconds);
    // A step ends that, and the tests that follow have the clock for themselves.
    await guest.rest('POST', '/sync-time', { set_time: new Date().toISOString(), force: true });
    await expectRight();
  });

  describe('that was restored with chronyd from a snapshot of an hour ago', () => {
    beforeAll(async () => {
      server.offsetSeconds = -HOUR;
      await plugTimeServer();
      await guest.ok(`date -s @${server.now() / 1000}
printf 'server 10.0.9.2 port ${server.port} iburst minpoll 2 maxpoll 2\\n' >/etc/chrony/chrony.conf
systemctl start chrony
chronyc waitsync 60 0.5 0 0.5`);
      const complaint = await guest.qmp('human-monitor-command', {
        'command-line': `savevm ${SNAPSHOT}`,
      });
      expect(complaint).toBe('');
      server.offsetSeconds = 0;
    });

    const restore = async () => {
      await guest.qmp('human-monitor-command', { 'command-line': `loadvm ${SNAPSHOT}` });
      const began = performance.now();
      const { body } = await guest.rest('POST', '/ping');
      expect(body).toMatchObject({ connected: true });
      const seconds = (performance.now() - began) / 1000;
      console.log(`a ping was answered ${seconds.toFixed(2)} s after the guest went on`);
      expect(seconds).toBeLessThan(5);
    };

    /** chronyd, after it has asked its server anew, finds no more to correct, and leaves the clock. */
    const expectChronydToAgree = async () => {
      await guest.ok('chronyc waitsync 60 0.5 0 0.5', 90_000);
      await expectRight();
    };

    it('answers at once; the host sets it, and chronyd does not take it back', async () => {
      await restore();
      expect(Math.abs((await offset()) + HOUR)).toBeLessThan(60);
      const set_time = new Date().toISOString();
      const { status, body } = await guest.rest('POST', '/sync-time', { set_time });
      expect({ status, body }).toMatchObject({ status: 200, body: { time_source: 'manual' } });
      await expectRight();
      await expectChronydToAgree();
    });

    it('has chronyd set it where the host asks for that', async () => {
      await restore();
      const { status, body } = await guest.rest('POST', '/sync-time', {});
      expect({ status, body }).toMatchObject({ status: 200, body: { time_source: 'chrony' } });
      expect(Math.abs(body.offset_seconds - HOUR)).toBeLessThan(60);
      await expectRight();
      await expectChronydToAgree();
    });
  });
});
