import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

const MIB = 1024 * 1024;

// biome-ignore lint/suspicious/noExplicitAny: a report is looked into everywhere
type Report = any;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

async function latest(): Promise<Report> {
  const { status, body } = await guest.rest('GET', '/telemetry');
  expect(status).toBe(200);
  return body;
}

/** A report that was made from now on. One comes every 5 s. */
async function nextReport(): Promise<Report> {
  // At first there is none.
  const { received_at } = (await guest.rest('GET', '/telemetry')).body;
  return vi.waitFor(
    async () => {
      const report = await latest();
      expect(report.received_at).not.toBe(received_at);
      return report;
    },
    { timeout: 60_000, interval: 250 },
  );
}

/** Resolves when reports say so. */
const reportsSay = (check: (report: Report) => void) =>
  vi.waitFor(async () => check(await latest()), { timeout: 60_000, interval: 500 });

const row = (rows: readonly Report[], key: string, value: string) =>
  rows.find((candidate) => candidate[key] === value);

describe('a report', () => {
  let report: Report;
  beforeAll(async () => {
    report = await nextReport();
  });

  it('has the memory of /proc/meminfo', async () => {
    const meminfo = await guest.ok('cat /proc/meminfo');
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1]) * 1024;
    expect(report.memory_total_bytes).toBe(bytes('MemTotal'));
    expect(report.swap_total_bytes).toBe(0);
    expect(Math.abs(report.memory_available_bytes - bytes('MemAvailable'))).toBeLessThan(50 * MIB);
    expect(report.memory_used_bytes).toBe(
      report.memory_total_bytes - report.memory_available_bytes,
    );
  });

  it('has the filesystems of df, without those in memory', async () => {
    const listed = await guest.ok(
      'df -B1 --output=target,fstype,source,size,used,avail,pcent -x tmpfs -x devtmpfs | tail -n +2',
    );
    const rows = listed.split('\n').map((line) => line.trim().split(/ +/));
    expect(report.disks).toHaveLength(rows.length);
    for (const [index, [target, fstype, source, size, used, avail, pcent]] of rows.entries()) {
      const disk = report.disks[index];
      expect(disk).toMatchObject({ mount_point: target, filesystem: fstype, device: source });
      expect(disk.total_bytes).toBe(Number(size));
      // The journal is written meanwhile.
      expect(Math.abs(disk.used_bytes - Number(used))).toBeLessThan(20 * MIB);
      expect(Math.abs(disk.available_bytes - Number(avail))).toBeLessThan(20 * MIB);
      expect(Math.abs(disk.usage_percent - Number.parseInt(pcent as string, 10))).toBeLessThan(2);
    }
  });

  it('has the interfaces of ip', async () => {
    const links = JSON.parse(await guest.ok('ip -json address'));
    const expected = links
      .filter((link: Report) => link.ifname !== 'lo')
      .map((link: Report) => {
        const cidrs = (family: string) =>
          link.addr_info
            .filter((a: Report) => a.family === family && a.scope !== 'link')
            .map((a: Report) => `${a.local}/${a.prefixlen}`);
        return {
          name: link.ifname,
          mac_address: link.address,
          mtu: link.mtu,
          state: link.operstate.toLowerCase(),
          ipv4_addresses: cidrs('inet'),
          ipv6_addresses: cidrs('inet6'),
        };
      });
    expect(report.interfaces).toMatchObject(expected);
    expect(report.ip_addresses).toContain('10.0.2.15');
  });

  it('has the load, the uptime, the number of processes and the name of the guest', async () => {
    const fresh = await nextReport();
    const [load, uptime, processes] = await Promise.all([
      guest.ok('cat /proc/loadavg'),
      guest.ok('cat /proc/uptime'),
      guest.ok('ls -d /proc/[0-9]* | wc -l'),
    ]);
    expect(Math.abs(fresh.load_avg_15 - Number(load.split(' ')[2]))).toBeLessThan(0.3);
    expect(Math.abs(fresh.uptime_seconds - Number.parseFloat(uptime))).toBeLessThan(30);
    expect(Math.abs(fresh.process_count - Number(processes))).toBeLessThan(10);
    expect(fresh.cpu_core_percent).toHaveLength(2);
    expect(fresh).toMatchObject({
      hostname: 'guest',
      os: { name: 'Debian GNU/Linux', kernel: await guest.ok('uname -r') },
    });
  });
});

describe('what goes on in the guest shows', () => {
  it('a busy loop on the CPU that it runs on, until it is killed', async () => {
    const pid = await guest.ok(
      'taskset -c 1 sh -c "while :; do :; done" >/dev/null 2>&1 & echo $!',
    );
    await reportsSay(({ cpu_core_percent: [, second], cpu_usage_percent: all }) => {
      expect(second).toBeGreaterThan(95);
      expect(all).toBeGreaterThan(45);
    });
    expect((await guest.rest('POST', `/processes/${pid}/kill`, { signal: 9 })).status).toBe(200);
    await reportsSay(({ cpu_core_percent: [, second] }) => expect(second).toBeLessThan(80));
  });

  it('a file that fills a disk, and that it is gone', async () => {
    const used = (report: Report) => row(report.disks, 'mount_point', '/data').used_bytes;
    const before = used(await latest());
    await guest.ok('dd if=/dev/zero of=/data/filler bs=1M count=40 && sync -f /data');
    await reportsSay((report) => expect(used(report)).toBeGreaterThanOrEqual(before + 40 * MIB));
    expect(used(await latest())).toBe(
      Number(await guest.ok('df -B1 --output=used /data | tail -n 1')),
    );
    await guest.ok('rm /data/filler && sync -f /data');
    await reportsSay((report) => expect(used(report)).toBe(before));
  });

  it('memory that is taken, and given back', async () => {
    const { memory_used_bytes: before } = await latest();
    await guest.ok('dd if=/dev/zero of=/dev/shm/filler bs=1M count=150');
    await reportsSay((report) =>
      expect(report.memory_used_bytes).toBeGreaterThan(before + 120 * MIB),
    );
    await guest.ok('rm /dev/shm/filler');
    await reportsSay((report) => expect(report.memory_used_bytes).toBeLessThan(before + 60 * MIB));
  });

  it('traffic, in the counters of its interface alone', async () => {
    const of = (report: Report, name: string) => row(report.interfaces, 'name', name);
    const before = await latest();
    await guest.ok('ping -c 30 -i 0.05 -s 1000 10.0.2.2');
    await reportsSay((report) => {
      for (const direction of ['tx', 'rx']) {
        const moved = (unit: string) =>
          of(report, 'ens16')[`${direction}_${unit}`] - of(before, 'ens16')[`${direction}_${unit}`];
        expect(moved('packets')).toBeGreaterThanOrEqual(30);
        expect(moved('bytes')).toBeGreaterThanOrEqual(30 * 1000);
      }
    });
    const { tx_bytes } = of(await nextReport(), 'ens16');
    const counted = await guest.ok('cat /sys/class/net/ens16/statistics/tx_bytes');
    expect(Math.abs(tx_bytes - Number(counted))).toBeLessThan(1000);
    expect(of(await latest(), 'ens17')).toMatchObject({ tx_bytes: 0, rx_bytes: 0 });
  });

  it('an address that is added, but none of a bridge of containers', async () => {
    await guest.ok('ip address add 192.0.2.7/24 dev ens17 && ip link set ens17 up');
    await guest.ok('ip link add docker0 type bridge && ip address add 172.17.0.1/16 dev docker0');
    await guest.ok('ip link set docker0 up');
    await reportsSay((report) => {
      expect(row(report.interfaces, 'name', 'ens17')).toMatchObject({
        ipv4_addresses: ['192.0.2.7/24'],
        state: 'up',
      });
      expect(report.ip_addresses).toContain('192.0.2.7');
    });
    const { interfaces, ip_addresses } = await nextReport();
    expect(row(interfaces, 'name', 'docker0')).toBeUndefined();
    expect(ip_addresses).not.toContain('172.17.0.1');
  });
});
