import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/agent-process.ts';
import type { Case } from '../case.ts';
import { MIB } from '../units.ts';

/** As in packaging/files.mjs; of the native modules that of this machine's libc. */
const INSTALLED = [
  'core/dist/*.{cjs,cache}',
  'plugins/*/package.json',
  'plugins/*/dist/plugin.{cjs,cache}',
  `node_modules/@koromix/koffi-linux-${process.arch}/linux_*/koffi.node`,
];

export const disk: Case = {
  name: 'disk',
  about: 'what is installed in a guest',
  rounds: { quick: 1, full: 1 },
  warmUp: 0,
  rows: [
    {
      title: 'reference: size on disk, agent and plugins',
      metric: 'code',
      unit: 'MiB',
      better: 'lower',
      gate: 5,
    },
    {
      title: 'size on disk with the Node.js that packages bring along',
      metric: 'withRuntime',
      unit: 'MiB',
      better: 'lower',
    },
  ],
  async open() {
    const measure = async () => {
      const code = mib(globSync(INSTALLED, { cwd: ROOT }));
      return { code, withRuntime: code + statSync(process.execPath).size / MIB };
    };
    return [{ name: 'agent', measure }];
  },
};

function mib(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(join(ROOT, file)).size, 0) / MIB;
}
