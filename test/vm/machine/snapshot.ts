import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../cache.ts';
import type { Image } from '../image/image.ts';
import { took } from '../progress.ts';
import { Machine, newRunDirectory } from './machine.ts';

/** A guest whose agent was installed and runs, to go on from. */
export interface Snapshot {
  readonly image: Pick<Image, 'architecture' | 'kernel' | 'initrd'>;
  readonly root: string;
  readonly data: string;
  readonly state: string;
  /** How long it took in the guest. */
  readonly installSeconds: number;
}

/** Where the package is in the guest. */
export const PACKAGE_IN_GUEST = '/data/limiquantix-guest-agent.deb';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const DATA_SIZE = '512M';
/** Of each step, on a machine that has a lot else to do. */
const LIMIT_MS = 600_000;

/** @returns the folder of a snapshot */
export function readySnapshot(image: Image, deb: string): Promise<string> {
  const machine = readdirSync(HERE).map((name) => readFileSync(join(HERE, name)));
  return cached({
    name: 'snapshot',
    madeOf: [image.dir, readFileSync(deb), ...machine],
    keep: 8,
    make: (dir) => takeSnapshot(image, deb, dir),
  });
}

export function readSnapshot(dir: string): Snapshot {
  const facts = JSON.parse(readFileSync(join(dir, 'facts.json'), 'utf8'));
  return {
    ...facts,
    root: join(dir, 'root.qcow2'),
    data: join(dir, 'data.qcow2'),
    state: join(dir, 'state'),
  };
}

async function takeSnapshot(image: Image, deb: string, dir: string): Promise<void> {
  const run = newRunDirectory();
  const data = join(run, 'data.raw');
  makeDataDisk(deb, data, join(run, 'data'));
  const machine = await Machine.start({
    dir: run,
    image,
    disks: { root: { file: image.root, format: 'raw' }, data: { file: data, format: 'raw' } },
  });
  try {
    await took('booting', () => machine.shell.ready(LIMIT_MS));
    const began = performance.now();
    await took('installing the package', () => install(machine));
    const installSeconds = (performance.now() - began) / 1000;
    await took('saving the state', () => machine.save(join(dir, 'state')));
    await machine.quit();
    cpSync(machine.places.disk('root'), join(dir, 'root.qcow2'));
    const convert = ['convert', '-O', 'qcow2', machine.places.disk('data')];
    execFileSync('qemu-img', [...convert, join(dir, 'data.qcow2')]);
    const { architecture, kernel, initrd } = image;
    const facts = { image: { architecture, kernel, initrd }, installSeconds };
    writeFileSync(join(dir, 'facts.json'), JSON.stringify(facts));
  } finally {
    await machine.stop();
  }
}

function makeDataDisk(deb: string, file: string, tree: string): void {
  mkdirSync(tree);
  cpSync(deb, tree + PACKAGE_IN_GUEST.slice('/data'.length));
  const format = ['-q', '-t', 'ext4', '-L', 'data', '-E', 'root_owner=0:0', '-d', tree];
  execFileSync('mke2fs', [...format, file, DATA_SIZE]);
  rmSync(tree, { recursive: true });
}

async function install({ shell }: Machine): Promise<void> {
  // What the boot still does would otherwise go on in every guest that is restored.
  await need(shell.run('systemctl is-system-running --wait || systemctl --failed', LIMIT_MS));
  await need(shell.run(`dpkg -i ${PACKAGE_IN_GUEST} && sync`, LIMIT_MS));
  await need(shell.run('systemctl is-active limiquantix-agent.service'));
}

async function need(result: ReturnType<Machine['shell']['run']>): Promise<void> {
  const { status, stdout } = await result;
  if (status !== 0) throw new Error(`the guest says ${status}:\n${stdout}`);
}
