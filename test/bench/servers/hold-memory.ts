import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../workspace.ts';

const MANIFEST = {
  name: '@bench/plugin-ballast',
  version: '1.0.0',
  main: 'plugin.cjs',
  limiquantix: {
    sdk: '^1.0.0',
    provides: ['ballast'],
    activation: 'onStart',
    platforms: ['linux'],
  },
};

/** Small buffers, written to: they are memory of the process as a heap is, outside V8's limit. */
const program = (mib: number) => `
exports.activate = () => {
  const held = Array.from({ length: ${mib} * 64 }, () => Buffer.alloc(16 * 1024, 1));
  return { tap() {}, dispose() { held.length = 0; } };
};
`;

/**
 * A plugin that holds memory, as an agent has it in use that is busy with much: to fork then is
 * more work for the kernel.
 * @returns the configuration that loads it
 */
export function holdMemory(workspace: Workspace, mib: number): string {
  const plugins = workspace.path('plugins');
  const dir = join(plugins, 'ballast');
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  writeFileSync(join(dir, 'package.json'), JSON.stringify(MANIFEST));
  writeFileSync(join(dir, 'plugin.cjs'), program(mib));
  return `plugin_dirs: [${plugins}]\n`;
}
