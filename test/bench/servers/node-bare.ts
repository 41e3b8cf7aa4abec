import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Workspace } from '../workspace.ts';
import { RUNTIME_FLAGS } from './agent.ts';

const PROGRAM = fileURLToPath(new URL('node-bare-main.cjs', import.meta.url));

/** What the runtime costs that runs nothing: the floor under a start and an idle agent. */
export class NodeBare {
  readonly pid: number;
  /** Resolves when its program runs. */
  readonly up: Promise<unknown>;

  constructor(workspace: Workspace) {
    const args = [...RUNTIME_FLAGS, PROGRAM];
    const child = workspace.spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.pid = child.pid as number;
    this.up = once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  }
}
