/** Each would take its share of every boot, and no suite looks at what it does. */
const MASKED: readonly string[] = [
  'modprobe@drm.service',
  'modprobe@loop.service',
  'modprobe@dm_mod.service',
  'modprobe@configfs.service',
  'modprobe@efi_pstore.service',
  'modprobe@fuse.service',
  'kmod-static-nodes.service',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'dev-mqueue.mount',
  'dev-hugepages.mount',
  'proc-sys-fs-binfmt_misc.automount',
  'systemd-pcrphase.service',
  'systemd-pcrphase-sysinit.service',
  'systemd-ask-password-console.path',
  'systemd-ask-password-wall.path',
  'systemd-update-utmp-runlevel.service',
];

/** Telling udev of every device there is takes seconds under emulation. */
const COLDPLUGGED: readonly string[] = [
  ...['acpi', 'block', 'drm', 'input', 'machinecheck', 'mem', 'misc', 'net', 'pci', 'platform'],
  ...['rtc', 'tty', 'virtio', 'virtio-ports', 'watchdog'],
];

const SHELL = `#!/bin/bash
# Runs what the host sends over the console: a tag and a command in base64 a line.
# Not 80 columns, to which programs would cut what they print.
stty raw -echo cols 1000
while IFS=' ' read -r tag command; do
    printf '<%s>' "$tag"
    bash -c "$(base64 -d <<<"$command")" </dev/null 2>&1
    printf '<%s %d>' "$tag" "$?"
done
`;

const SHELL_UNIT = `[Unit]
Description=Shell of the tests
DefaultDependencies=no
After=systemd-udevd.service local-fs.target
ConditionPathExists=/dev/hvc0

[Service]
Environment=HOME=/root LANG=C.UTF-8 TERM=dumb SYSTEMD_URLIFY=0
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WorkingDirectory=/root
ExecStart=/usr/local/sbin/test-shell
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/hvc0
Restart=always
RestartSec=1
KillMode=process
OOMScoreAdjust=-950
`;

const NETPLAN = `network:
  version: 2
  renderer: networkd
  ethernets:
    first:
      match: {macaddress: "52:54:00:00:00:01"}
      dhcp4: true
      optional: true
`;

export interface RootFile {
  readonly text: string;
  readonly mode?: number;
}

/** What makes the system that Debian's packages are into the guest of the tests. */
export const ROOT_FILES: Readonly<Record<string, RootFile>> = {
  '/etc/hostname': { text: 'guest\n' },
  '/etc/hosts': { text: '127.0.0.1 localhost guest\n::1 localhost\n' },
  '/etc/machine-id': { text: '0123456789abcdef0123456789abcdef\n' },
  '/etc/fstab': {
    text: `/dev/vda / ext4 rw,noatime 0 0
/dev/disk/by-id/virtio-data /data ext4 rw,noatime 0 0
`,
  },
  '/etc/netplan/50-test.yaml': { text: NETPLAN, mode: 0o600 },
  '/etc/systemd/journald.conf.d/test.conf': {
    text: '[Journal]\nStorage=persistent\nRateLimitBurst=0\n',
  },
  '/etc/systemd/system/systemd-udev-trigger.service.d/test.conf': {
    text: `[Service]
ExecStart=
ExecStart=-udevadm trigger --action=add ${COLDPLUGGED.map((name) => `--subsystem-match=${name}`).join(' ')}
`,
  },
  '/usr/local/sbin/test-shell': { text: SHELL, mode: 0o755 },
  '/etc/systemd/system/test-shell.service': { text: SHELL_UNIT },
};

export const ROOT_LINKS: Readonly<Record<string, string>> = {
  '/etc/systemd/system/multi-user.target.wants/test-shell.service': '../test-shell.service',
  ...Object.fromEntries(MASKED.map((unit) => [`/etc/systemd/system/${unit}`, '/dev/null'])),
};

/** Newer than /usr, they spare the first boot what is done after an upgrade of the system. */
export const UP_TO_DATE: readonly string[] = ['/etc/.updated', '/var/.updated'];
