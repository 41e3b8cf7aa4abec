import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Architecture } from './architecture.ts';

/** On the way to the root disk. */
export const BOOT_MODULES: readonly string[] = [
  'virtio_pci',
  'virtio_blk',
  'crc32c_generic',
  'ext4',
];

/** What the devices of the machine and the suites use. */
const MODULES: readonly string[] = [
  ...BOOT_MODULES,
  ...['virtio_console', 'virtio_net', 'e1000', 'virtio_rng', 'virtio_balloon', 'virtio_input'],
  ...['virtio-gpu', 'bochs', 'evdev', 'psmouse', 'button', 'i2c-piix4', 'i6300esb', 'rtc-cmos'],
  ...['vsock', 'vsock_loopback', 'vmw_vsock_virtio_transport', 'af_packet'],
  ...['xfs', 'vfat', 'nls_ascii', 'nls_cp437', 'loop', 'overlay', 'fuse', 'autofs4'],
  ...['dummy', 'veth', 'bridge', 'bonding', '8021q', 'nf_tables'],
  ...['crc32c-intel', 'qemu_fw_cfg', 'binfmt_misc', 'configfs', 'efi_pstore'],
];

/** Of a PC. */
const ONLY_AMD64: readonly string[] = ['i2c-piix4', 'rtc-cmos', 'crc32c-intel'];

export function modulesOf(architecture: Architecture): readonly string[] {
  if (architecture === 'amd64') return MODULES;
  return MODULES.filter((name) => !ONLY_AMD64.includes(name));
}

/** A kernel as its package unpacks. */
export interface Kernel {
  readonly tree: string;
  readonly version: string;
  readonly image: string;
}

export function kernelIn(tree: string): Kernel {
  const [version] = readdirSync(join(tree, 'lib/modules'));
  if (!version) throw new Error(`there is no kernel in ${tree}`);
  execFileSync('depmod', ['-b', tree, version]);
  return { tree, version, image: join(tree, 'boot', `vmlinuz-${version}`) };
}

/** Copies modules and what they depend on. @returns their paths in the order to load them in */
export function copyModules(kernel: Kernel, names: readonly string[], to: string): string[] {
  const files = new Set(names.flatMap((name) => withDependencies(kernel, name)));
  const paths = [...files].map((file) => file.slice(kernel.tree.length));
  for (const path of paths) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(kernel.tree, path), join(to, path));
  }
  return paths;
}

/** What lets modprobe find the copied ones. */
export function indexModules({ tree, version }: Kernel, root: string): void {
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    cpSync(join(tree, 'lib/modules', version, name), join(root, 'lib/modules', version, name));
  }
  execFileSync('depmod', ['-b', root, version]);
}

function withDependencies({ tree, version }: Kernel, name: string): string[] {
  const args = ['-d', tree, '-S', version, '--show-depends', name];
  const lines = execFileSync('modprobe', args, { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
}
