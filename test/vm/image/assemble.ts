// assemble.ts ARCHITECTURE SYSTEM.TAR DIR: makes root.ext4, vmlinuz and initrd.gz in DIR, with no
// loop mount, no boot loader and no initramfs-tools. A process of its own, so that it can run under
// fakeroot.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isArchitecture } from './architecture.ts';
import {
  BOOT_MODULES,
  copyModules,
  indexModules,
  type Kernel,
  kernelIn,
  modulesOf,
} from './modules.ts';
import { ROOT_FILES, ROOT_LINKS, UP_TO_DATE } from './root-files.ts';

const SIZE = '3G';

const [architecture, archive, out] = process.argv.slice(2);
if (!isArchitecture(architecture) || !archive || !out) {
  throw new Error('assemble.ts ARCHITECTURE SYSTEM.TAR DIR');
}
const work = join(out, 'work');
const root = join(work, 'root');
mkdirSync(root, { recursive: true });
const extract = ['--numeric-owner', '-xf', archive, '-C'];
execFileSync('tar', [...extract, work, './kernel']);
execFileSync('tar', [...extract, root, '--exclude=./kernel/*']);
const kernel = kernelIn(join(work, 'kernel'));

copyModules(kernel, modulesOf(architecture), root);
indexModules(kernel, root);
configure();
// The lazy tables are zeros already: the file is new.
const format = ['-q', '-t', 'ext4', '-L', 'root', '-E', 'lazy_itable_init=1,lazy_journal_init=1'];
execFileSync('mke2fs', [...format, '-d', root, join(out, 'root.ext4'), SIZE]);
cpSync(kernel.image, join(out, 'vmlinuz'));
makeInitrd(kernel);
rmSync(work, { recursive: true });

function configure(): void {
  for (const [path, { text, mode = 0o644 }] of Object.entries(ROOT_FILES)) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, text);
    chmodSync(root + path, mode);
  }
  for (const [path, target] of Object.entries(ROOT_LINKS)) {
    mkdirSync(dirname(root + path), { recursive: true });
    rmSync(root + path, { force: true });
    symlinkSync(target, root + path);
  }
  for (const path of UP_TO_DATE) writeFileSync(root + path, '');
}

function makeInitrd(from: Kernel): void {
  const tree = join(work, 'initrd');
  for (const dir of ['bin', 'dev', 'proc', 'sys', 'root']) {
    mkdirSync(join(tree, dir), { recursive: true });
  }
  // One for this machine's own processor is here anyway.
  const inSystem = join(root, 'bin/busybox');
  cpSync(existsSync(inSystem) ? inSystem : '/bin/busybox', join(tree, 'bin/busybox'));
  const modules = copyModules(from, BOOT_MODULES, tree);
  writeFileSync(join(tree, 'init'), initScript(modules), { mode: 0o755 });
  const pack = `find . | cpio -o -H newc --quiet | gzip -1 >"$1"`;
  execFileSync('sh', ['-ec', pack, 'sh', join(out as string, 'initrd.gz')], { cwd: tree });
}

function initScript(modules: readonly string[]): string {
  return `#!/bin/busybox sh
B=/bin/busybox
$B mount -t devtmpfs dev /dev
$B mount -t proc proc /proc
$B mount -t sysfs sys /sys
for module in ${modules.join(' ')}; do $B insmod $module; done
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 200 ]; do $B sleep 0.05; tries=$((tries + 1)); done
$B mount -t ext4 -o rw,noatime /dev/vda /root || { echo "there is no root disk"; exec $B sh; }
$B umount /proc /sys
$B mount --move /dev /root/dev
exec $B switch_root /root /sbin/init
`;
}
