import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface Bundle {
  readonly file: string;
  remove(): void;
}

/** The plugin as it is shipped: what runs in the session is a part of its bundle. */
export async function bundlePlugin(): Promise<Bundle> {
  // Closed to others, as the folder of an updated plugin may be.
  const folder = mkdtempSync(join(tmpdir(), 'lqx-bundle-'));
  const file = join(folder, 'plugin.cjs');
  await build({
    entryPoints: [new URL('../src/index.ts', import.meta.url).pathname],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
