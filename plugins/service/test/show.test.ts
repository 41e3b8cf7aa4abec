import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailing, isMissing, parseShow, serviceOf } from '../src/linux/systemd/show.ts';
import { parseUnitFiles } from '../src/linux/systemd/unit-files.ts';

// Output of systemctl show with the plugin's arguments. Version 252 (Debian 12) also runs
// for real in systemd.test.ts; the others differ from it only in what is shown here.
const SHOW_252 = `MainPID=612
MemoryCurrent=5402624
Id=ssh.service
Names=sshd.service ssh.service
Description=OpenBSD Secure Shell server
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled

MainPID=0
MemoryCurrent=[not set]
Id=networking.service
Names=networking.service
Description=Raise network interfaces
LoadState=loaded
ActiveState=active
SubState=exited
UnitFileState=enabled

MainPID=0
MemoryCurrent=[not set]
Id=plymouth-start.service
Names=plymouth-start.service
Description=plymouth-start.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
`;

// As of CentOS 7: what is not counted is the highest number.
const SHOW_219 = `MainPID=914
MemoryCurrent=18446744073709551615
Id=crond.service
Names=crond.service
Description=Command Scheduler
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled

MainPID=0
MemoryCurrent=18446744073709551615
Id=network.service
Names=network.service
Description=LSB: Bring up/down networking
LoadState=loaded
ActiveState=failed
SubState=failed
UnitFileState=bad
`;

const UNIT_FILES_219 = `arp-ethers.service                          disabled
autovt@.service                             enabled 
dbus-org.freedesktop.hostname1.service      static  
systemd-fsck@.service                       static  
`;

const UNIT_FILES_252 = `apparmor.service                       enabled         enabled
autovt@.service                        alias           -
cryptdisks.service                     masked          enabled
dbus-org.freedesktop.hostname1.service alias           -
systemd-fsck-root.service              enabled-runtime disabled
networkd-dispatcher.service            generated       -
`;

describe('what systemctl show prints', () => {
  it('is read, as version 252 (Debian 12) does it', () => {
    const units = parseShow(SHOW_252);
    expect(units.filter((unit) => !isMissing(unit)).map(serviceOf)).toEqual([
      {
        name: 'ssh.service',
        displayName: 'OpenBSD Secure Shell server',
        description: 'OpenBSD Secure Shell server',
        state: 'running',
        startType: 'auto',
        pid: 612,
        memoryBytes: 5402624,
      },
      {
        name: 'networking.service',
        displayName: 'Raise network interfaces',
        description: 'Raise network interfaces',
        state: 'running',
        startType: 'auto',
        pid: 0,
        memoryBytes: 0,
      },
    ]);
  });

  it('is read, in the form of version 219 (CentOS 7)', () => {
    expect(parseShow(SHOW_219).map(serviceOf)).toMatchObject([
      { name: 'crond.service', state: 'running', startType: 'auto', pid: 914, memoryBytes: 0 },
      { name: 'network.service', state: 'failed', startType: 'disabled', pid: 0 },
    ]);
  });

  it.each([
    ['active', 'running', 'running', false],
    ['active', 'exited', 'running', false],
    ['reloading', 'reload', 'running', false],
    ['refreshing', 'refresh', 'running', false],
    ['inactive', 'dead', 'stopped', false],
    ['maintenance', 'cleaning', 'stopped', false],
    ['activating', 'start-pre', 'starting', false],
    ['activating', 'auto-restart', 'starting', true],
    ['activating', 'auto-restart-queued', 'starting', true],
    ['deactivating', 'stop-sigterm', 'stopping', false],
    ['failed', 'failed', 'failed', true],
    ['some-new-word', 'x', '', false],
  ])('%s (%s) is %j', (active, sub, state, failing) => {
    const [unit] = parseShow(`Id=a.service\nActiveState=${active}\nSubState=${sub}\n`);
    expect(unit && serviceOf(unit).state).toBe(state);
    expect(unit && isFailing(unit)).toBe(failing);
  });

  it.each([
    ['enabled', 'auto'],
    ['enabled-runtime', 'auto'],
    ['static', 'manual'],
    ['indirect', 'manual'],
    ['generated', 'manual'],
    ['transient', 'manual'],
    ['alias', 'manual'],
    ['linked', 'manual'],
    ['linked-runtime', 'manual'],
    ['disabled', 'disabled'],
    ['masked', 'disabled'],
    ['masked-runtime', 'disabled'],
    ['bad', 'disabled'],
    ['invalid', 'disabled'],
    ['', ''],
  ])('%j starts %j', (word, startType) => {
    const [unit] = parseShow(`Id=a.service\nUnitFileState=${word}\n`);
    expect(unit && serviceOf(unit).startType).toBe(startType);
  });

  it('may hold any description that a unit file can', () => {
    const line = fc
      .string({ unit: 'grapheme' })
      .map((text) => text.replace(/[\n\r\u2028\u2029]/g, ''));
    fc.assert(
      fc.property(line, line, (one, other) => {
        const units = parseShow(
          `Description=${one}\nId=a.service\n\nId=b.service\nDescription=${other}\n`,
        );
        expect(units.map(serviceOf)).toMatchObject([
          { name: 'a.service', description: one },
          { name: 'b.service', description: other },
        ]);
      }),
    );
  });

  it('can be anything without a failure', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const unit of parseShow(text)) serviceOf(unit);
      }),
    );
    expect(parseShow('')).toEqual([]);
  });
});

describe('what systemctl list-unit-files prints', () => {
  it('is read in both forms', () => {
    expect(parseUnitFiles(UNIT_FILES_219)).toEqual([
      { name: 'arp-ethers.service', state: 'disabled' },
      { name: 'autovt@.service', state: 'enabled' },
      { name: 'dbus-org.freedesktop.hostname1.service', state: 'static' },
      { name: 'systemd-fsck@.service', state: 'static' },
    ]);
    expect(parseUnitFiles(UNIT_FILES_252).map(({ state }) => state)).toEqual([
      'enabled',
      'alias',
      'masked',
      'alias',
      'enabled-runtime',
      'generated',
    ]);
  });
});
