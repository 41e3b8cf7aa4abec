// `npm run test:vm [-- --arch arm64]`: installs and builds what is missing, makes or finds a guest
// with this commit's package installed, and runs the suites of test/vm on it. Other arguments go to
// vitest.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install } from './bootstrap.mjs';
import { env } from './run.mjs';

const { architecture, args } = parseCommandLine();

/** The programs that make and run the guest, and the Debian packages that have them. */
const PROGRAMS = {
  ...{
    amd64: { 'qemu-system-x86_64': 'qemu-system-x86' },
    arm64: {
      'qemu-system-aarch64': 'qemu-system-arm',
      'qemu-aarch64-static': 'qemu-user-static',
      'update-binfmts': 'binfmt-support',
      'arch-test': 'arch-test',
    },
  }[architecture],
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  fakeroot: 'fakeroot',
  newuidmap: 'uidmap',
  busybox: 'busybox-static',
  mke2fs: 'e2fsprogs',
  cpio: 'cpio',
  depmod: 'kmod',
};

/** Where the kernel says that it runs programs of an emulated processor. */
const EMULATOR = '/proc/sys/fs/binfmt_misc/qemu-aarch64';

const isRoot = process.getuid?.() === 0;
const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  architecture === 'amd64' ? 'limiquantix-vm' : `limiquantix-vm-${architecture}`,
);
const RUN_PREFIX = `limiquantix-vm-run-`;
const began = performance.now();

removeAbandoned();
// What is in it goes at the end, whoever failed to remove it.
const runDir = mkdtempSync(join(tmpdir(), `${RUN_PREFIX}${process.pid}-`));
process.once('exit', () => rmSync(runDir, { recursive: true, force: true }));
// The terminal tells the children too; we stay until they are gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
let running;

install();
build();
installPrograms();
if (architecture === 'arm64') enableEmulator();
await run('node', ['packaging/build.mjs', 'deb', '--arch', architecture, '--out', runDir]);
const deb = join(
  runDir,
  readdirSync(runDir).find((name) => name.endsWith('.deb')),
);
const snapshot = join(runDir, 'snapshot');
mkdirSync(cache, { recursive: true });
// Another run may be making the same guest: then this one waits, and finds it.
const prepare = ['node', 'test/vm/prepare.ts', architecture, deb, snapshot];
await run('flock', ['-F', join(cache, 'lock'), ...prepare]);
console.log(`ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
await run('vitest', ['run', '--project', 'vm', ...args], {
  LIMIQUANTIX_VM_SNAPSHOT: readFileSync(snapshot, 'utf8'),
});

function parseCommandLine() {
  const args = process.argv.slice(2);
  const at = args.indexOf('--arch');
  if (at === -1) return { architecture: 'amd64', args };
  const [, architecture] = args.splice(at, 2);
  if (!['amd64', 'arm64'].includes(architecture)) fail('--arch is amd64 or arm64');
  return { architecture, args };
}

/** Runs a command to its end, or to ours; leaves with its exit code where it fails. */
async function run(command, args, extra = {}) {
  running = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
    stdio: 'inherit',
    env: { ...env, LIMIQUANTIX_VM_CACHE: cache, LIMIQUANTIX_VM_RUN: runDir, ...extra },
  });
  const [code, error] = await new Promise((resolve) => {
    running.once('exit', (code) => resolve([code ?? 1]));
    running.once('error', (error) => resolve([1, error]));
  });
  if (error) console.error(`npm run test:vm: ${error.message}`);
  if (code !== 0) process.exit(code);
}

function stop(signal) {
  running?.kill(signal);
}

/** Folders of runs that were killed. */
function removeAbandoned() {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = new RegExp(`^${RUN_PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function installPrograms() {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const missing = Object.entries(PROGRAMS)
    .filter(
      ([name]) => spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH: path } }).status,
    )
    .map(([, debianPackage]) => debianPackage);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot) fail(`some programs are missing. Install them as root:\n  ${command}`);
  console.log(`Installing ${missing.join(', ')} ...`);
  const script = `apt-get -qq update && ${command} >"$1"`;
  const { status } = spawnSync('sh', ['-c', script, 'sh', join(runDir, 'apt.log')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) fail(`these could not be installed: ${missing.join(', ')}`);
}

/** The kernel then runs programs of arm64, which make the guest's system. */
function enableEmulator() {
  if (existsSync(EMULATOR)) return;
  const command = ['update-binfmts', '--enable', 'qemu-aarch64'];
  if (!isRoot) fail(`programs of arm64 cannot run here. As root:\n  ${command.join(' ')}`);
  const { status } = spawnSync(command[0], command.slice(1), { stdio: 'inherit' });
  if (status !== 0 || !existsSync(EMULATOR)) fail('programs of arm64 cannot be made to run here');
}

function fail(message) {
  console.error(`npm run test:vm: ${message}`);
  process.exit(1);
}
