/** Of the machine's own release of Debian. What the suites need, all in one image. */
export const PACKAGES: readonly string[] = [
  ...['systemd', 'systemd-sysv', 'udev', 'dbus', 'libpam-systemd', 'login', 'passwd', 'util-linux'],
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

/** Installed and not running: a suite starts what it is about. */
const DISABLED: readonly string[] = [
  'chrony.service',
  'ssh.service',
  'NetworkManager.service',
  'NetworkManager-wait-online.service',
  'NetworkManager-dispatcher.service',
  'systemd-networkd-wait-online.service',
  'getty@tty1.service',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
];

/**
 * Run in the new system, while it can still reach its mirror. The kernel is unpacked, not
 * installed: that would make an initramfs of its own.
 */
export const IN_THE_SYSTEM = `
  systemctl disable ${DISABLED.join(' ')}
  passwd -d root
  useradd --create-home --shell /bin/bash --uid 1000 tester
  mkdir /data /kernel
  cd /tmp
  apt-get -qq download $(apt-cache depends --important linux-image-amd64 | sed -n 's/.*Depends: //p')
  dpkg-deb -x linux-image-*.deb /kernel
  rm linux-image-*.deb`;
