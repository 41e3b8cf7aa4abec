import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from '../image/architecture.ts';
import type { Image } from '../image/image.ts';

/** What the suites may rely on. */
export const HARDWARE = {
  memoryMib: 768,
  nics: [
    { model: 'virtio-net-pci', mac: '52:54:00:00:00:01' },
    { model: 'e1000', mac: '52:54:00:00:00:02' },
  ],
  disks: { root: 'root', data: 'data' },
  smbios: {
    bios: { vendor: 'Limiquantix', version: 'test-bios-1.2', date: '01/02/2026' },
    system: {
      manufacturer: 'Limiquantix',
      product: 'Test Machine',
      version: '3.4',
      serial: 'SN-0123456789',
      uuid: '11111111-2222-4333-8444-555555555555',
      family: 'tests',
    },
    chassis: { manufacturer: 'Limiquantix', serial: 'CH-42', asset: 'asset-7' },
  },
} as const;

/** What may differ from one boot to the next. */
export interface BootOptions {
  /** More of the kernel's command line. */
  readonly append?: string;
  /** More arguments for QEMU. */
  readonly qemu?: readonly string[];
  /** How far the real-time clock is off, in seconds; positive is in the future. */
  readonly rtcOffsetSeconds?: number;
}

export interface QemuOptions extends BootOptions {
  /** Where sockets, disks and logs are made. */
  readonly dir: string;
  readonly image: Pick<Image, 'architecture' | 'kernel' | 'initrd'>;
  /** What its disks begin as; they themselves are not changed. */
  readonly disks: Readonly<Record<keyof typeof HARDWARE.disks, Backing>>;
  /** The file of a machine's state, to go on from there instead of booting. */
  readonly state?: string;
}

export interface Backing {
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
}

/** The places of a machine's run directory. */
export function placesIn(dir: string) {
  return {
    vms: join(dir, 'vms'),
    /** The host's end of the agent's port. */
    agent: join(dir, 'vms', 'guest.agent.sock'),
    shell: join(dir, 'shell.sock'),
    qmp: join(dir, 'qmp.sock'),
    serialLog: join(dir, 'serial.log'),
    qemuLog: join(dir, 'qemu.log'),
    disk: (name: string) => join(dir, `${name}.qcow2`),
  };
}

/** Ends its program when we end, however that happens. */
export const DIES_WITH_US: readonly [string, ...string[]] = ['setpriv', '--pdeathsig', 'KILL'];

const KERNEL_COMMAND_LINE =
  'root=/dev/vda rw quiet loglevel=3 mitigations=off nokaslr audit=0 random.trust_cpu=on ' +
  'nowatchdog systemd.show_status=0';

/** Old processors: a newer one has instructions that cost more to emulate than they spare. */
const BOARDS: Readonly<Record<Architecture, Board>> = {
  amd64: {
    program: 'qemu-system-x86_64',
    board: ['-machine', 'pc,hpet=off', '-cpu', 'Nehalem'],
    append: 'console=ttyS0,115200 no_timer_check tsc=reliable',
    screen: ['-vga', 'none', '-device', 'virtio-vga'],
  },
  arm64: {
    program: 'qemu-system-aarch64',
    board: ['-machine', 'virt', '-cpu', 'cortex-a72'],
    append: 'console=ttyAMA0',
    screen: ['-device', 'virtio-gpu-pci'],
  },
};

interface Board {
  readonly program: string;
  readonly board: readonly string[];
  /** Of the kernel's command line. */
  readonly append: string;
  readonly screen: readonly string[];
}

/** Starts a machine. Resolves when its sockets are there. @throws Error with what QEMU says */
export async function startQemu(options: QemuOptions): Promise<ChildProcess> {
  const places = placesIn(options.dir);
  mkdirSync(places.vms, { recursive: true });
  for (const [name, { file, format }] of Object.entries(options.disks)) {
    const overlay = ['create', '-q', '-f', 'qcow2', '-F', format, '-b', file, places.disk(name)];
    execFileSync('qemu-img', overlay);
  }
  const log = openSync(places.qemuLog, 'w');
  const [program, ...before] = DIES_WITH_US;
  const args = [...before, BOARDS[options.image.architecture].program, ...qemuArguments(options)];
  const child = spawn(program, args, {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  while (!existsSync(places.qmp)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the machine does not start: ${readFileSync(places.qemuLog, 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return child;
}

function qemuArguments({ dir, image, state, append, qemu = [], rtcOffsetSeconds }: QemuOptions) {
  const places = placesIn(dir);
  const { board, append: boardAppend, screen } = BOARDS[image.architecture];
  const socket = (id: string, path: string) => [
    '-chardev',
    `socket,id=${id},path=${path},server=on,wait=off`,
  ];
  return [
    ...[...board, '-accel', 'tcg,thread=multi', '-smp', '2'],
    ...['-m', String(HARDWARE.memoryMib), '-nodefaults', '-no-user-config'],
    ...['-kernel', image.kernel, '-initrd', image.initrd],
    ...['-append', [KERNEL_COMMAND_LINE, boardAppend, append].filter(Boolean).join(' ')],
    ...['-rtc', `base=${rtcBase(rtcOffsetSeconds)},clock=host`],
    ...smbios(),
    ...Object.values(HARDWARE.disks).flatMap((name) => [
      '-drive',
      `file=${places.disk(name)},if=none,id=${name},format=qcow2,cache=unsafe,discard=unmap`,
      '-device',
      `virtio-blk-pci,drive=${name},serial=${name}`,
    ]),
    ...['-device', 'virtio-serial-pci,id=serial,max_ports=8'],
    ...socket('shell', places.shell),
    ...['-device', 'virtconsole,chardev=shell'],
    ...socket('agent', places.agent),
    ...['-device', 'virtserialport,chardev=agent,name=org.limiquantix.agent.0,id=agent'],
    ...['-chardev', `file,id=log,path=${places.serialLog}`, '-serial', 'chardev:log'],
    ...['-qmp', `unix:${places.qmp},server=on,wait=off`],
    ...HARDWARE.nics.flatMap(({ model, mac }, index) => [
      '-netdev',
      `user,id=net${index},restrict=on`,
      '-device',
      `${model},netdev=net${index},mac=${mac},addr=${hex(0x10 + index)}`,
    ]),
    ...['-device', 'virtio-rng-pci', '-device', 'i6300esb', '-device', 'virtio-balloon-pci'],
    ...[...screen, '-display', 'none'],
    ...['-device', 'virtio-keyboard-pci', '-device', 'virtio-tablet-pci'],
    ...(state ? ['-incoming', `exec:cat ${state}`] : []),
    ...qemu,
  ];
}

function rtcBase(offsetSeconds = 0): string {
  if (offsetSeconds === 0) return 'utc';
  return new Date(Date.now() + offsetSeconds * 1000).toISOString().slice(0, 19);
}

function smbios(): string[] {
  const { bios, system, chassis } = HARDWARE.smbios;
  return Object.entries({ 0: bios, 1: system, 3: chassis }).flatMap(([type, values]) => {
    const fields = Object.entries(values).map(([key, value]) => `${key}=${value}`);
    return ['-smbios', [`type=${type}`, ...fields].join(',')];
  });
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
