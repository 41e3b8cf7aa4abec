import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT, ROOT } from '../../support/agent-process.ts';
import type { Case } from '../case.ts';
import { MIB } from '../units.ts';

const PLUGIN_FILES = ['package.json', 'dist/plugin.cjs'];

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
      const code = mib([AGENT, ...pluginFiles()]);
      return { code, withRuntime: code + mib([process.execPath]) };
    };
    return [{ name: 'agent', measure }];
  },
};

function pluginFiles(): string[] {
  const plugins = readdirSync(join(ROOT, 'plugins')).map((name) => join(ROOT, 'plugins', name));
  return plugins
    .flatMap((plugin) => PLUGIN_FILES.map((file) => join(plugin, file)))
    .filter((file) => existsSync(file));
}

function mib(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0) / MIB;
}
