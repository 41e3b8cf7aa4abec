import type { Architecture } from './architecture.ts';

const BASE = [
  ...['systemd', 'systemd-sysv', 'udev', 'dbus', 'libpam-systemd', 'login', 'passwd', 'util-linux'],
];

const ALL = [
  ...BASE,
  ...[
    'kmod',
    'procps',
    'iproute2',
    'iputils-ping',
    'e2fsprogs',
    'xfsprogs',
    'dmidecode',
    'pciutils',
  ],
  ...['socat', 'curl', 'ca-certificates', 'strace'],
  // Services: some run, the suites start others.
  ...['chrony', 'cron', 'openssh-server', 'netplan.io', 'network-manager'],
  ...['xserver-xorg-core', 'xserver-xorg-input-libinput', 'xinit', 'xauth', 'x11-xserver-utils'],
  ...['x11-utils', 'xclip'],
];

/**
 * Of the machine's own release of Debian. What the suites need, all in one image; for arm64, where
 * every program is emulated already while it is installed, no more than the agent needs.
 */
export const PACKAGES: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ALL,
  arm64: [...BASE, 'kmod', 'procps', 'iproute2', 'e2fsprogs', 'busybox-static'],
};

/** Installed and not running: a suite starts what it is about. */
const SERVICES = [
  'chrony.service',
  'ssh.service',
  'NetworkManager.service',
  'NetworkManager-wait-online.service',
  'NetworkManager-dispatcher.service',
];

/** Of the base system. */
const CHORES = [
  'systemd-networkd-wait-online.service',
  'getty@tty1.service',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
];

const DISABLED = { amd64: [...SERVICES, ...CHORES], arm64: CHORES };

/**
 * Run in the new system, while it can still reach its mirror. The kernel is unpacked, not
 * installed: that would make an initramfs of its own.
 */
export function inTheSystem(architecture: Architecture): string {
  return `
  systemctl disable ${DISABLED[architecture].join(' ')}
  passwd -d root
  useradd --create-home --shell /bin/bash --uid 1000 tester
  mkdir /data /kernel
  cd /tmp
  apt-get -qq download $(apt-cache depends --important linux-image-${architecture} | sed -n 's/.*Depends: //p')
  dpkg-deb -x linux-image-*.deb /kernel
  rm linux-image-*.deb`;
}
