import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../cache.ts';
import type { Architecture } from './architecture.ts';
import { debianSystem } from './system.ts';

/** What a machine boots: files of a folder that does not change any more. */
export interface Image {
  readonly architecture: Architecture;
  readonly dir: string;
  readonly kernel: string;
  readonly initrd: string;
  /** A raw disk with an ext4 filesystem. */
  readonly root: string;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));

export async function guestImage(architecture: Architecture): Promise<Image> {
  const system = await debianSystem(architecture);
  const recipe = readdirSync(HERE).map((name) => readFileSync(join(HERE, name)));
  const dir = await cached({
    name: 'image',
    madeOf: [system, ...recipe],
    keep: 4,
    make: (dir) => assemble(architecture, system, dir),
  });
  return {
    architecture,
    dir,
    kernel: join(dir, 'vmlinuz'),
    initrd: join(dir, 'initrd.gz'),
    root: join(dir, 'root.ext4'),
  };
}

/** The files in the image belong to root, whoever makes it. */
function assemble(architecture: Architecture, system: string, dir: string): void {
  const asRoot = process.getuid?.() === 0 ? [] : ['fakeroot'];
  const script = join(HERE, 'assemble.ts');
  const command = [...asRoot, process.execPath, script, architecture, system, dir];
  execFileSync(command[0] as string, command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
}
