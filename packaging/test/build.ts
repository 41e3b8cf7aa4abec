import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const VERSION: string = JSON.parse(
  readFileSync(join(ROOT, 'core/package.json'), 'utf8'),
).version;

export type Format = 'deb' | 'rpm' | 'tar' | 'all';

/** Packages of a test's own, as `build-packages.sh` makes them. */
export class Packages {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'packages-'));

  build(format: Format, arch: 'amd64' | 'arm64', env: NodeJS.ProcessEnv = {}): void {
    const args = [join(ROOT, 'packaging/build.mjs'), format, '--arch', arch, '--out', this.dir];
    execFileSync(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}

/** What a program prints. @throws Error with what it prints on stderr, where it fails */
export function output(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', maxBuffer: 64 << 20 });
}

/** How a program ends that may fail. */
export function run(
  program: string,
  args: readonly string[],
  input?: string,
): SpawnSyncReturns<string> {
  return spawnSync(program, args, { encoding: 'utf8', input });
}

/** Why these cannot be tried here; empty where they can. */
export function whyNot(...programs: readonly string[]): string {
  const missing = programs.find((program) => !isInstalled(program));
  return missing ? `${missing} is not installed` : '';
}

function isInstalled(program: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((dir) => existsSync(join(dir, program)));
}
