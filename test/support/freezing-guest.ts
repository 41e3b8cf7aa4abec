import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AgentClient } from '@limiquantix/agent-client';
import { type AgentOptions, AgentProcess } from './agent-process.ts';
import { GuestRoot } from './guest-root.ts';

/** The record of a freeze, in the guest. */
export const STATE = '/run/limiquantix/quiesce.json';

/** A guest that agents freeze. They are to be asked for all that they can see: nothing else is there. */
export class FreezingGuest {
  #guest: GuestRoot | undefined;
  #agents: AgentProcess[] = [];

  get guest(): GuestRoot {
    return this.#guest as GuestRoot;
  }

  async open(): Promise<void> {
    this.#guest = await GuestRoot.start();
  }

  async close(): Promise<void> {
    await this.#guest?.stop();
  }

  /** Ends its agents and what they left. */
  async thaw(): Promise<void> {
    for (const agent of this.#agents.splice(0)) await agent.stop();
    this.guest.thawRoot();
    await this.guest.mounts.cleanUp();
    rmSync(this.guest.root + STATE, { force: true });
  }

  async start(options: AgentOptions = {}): Promise<[AgentProcess, AgentClient]> {
    const agent = await AgentProcess.start({ ...options, place: this.guest });
    this.#agents.push(agent);
    return [agent, await agent.client()];
  }

  async kill(agent: AgentProcess): Promise<void> {
    agent.signal('SIGKILL');
    await agent.ended;
  }

  /** A directory for scripts in the guest, with one that notes that it ran. */
  scripts(): { readonly config: string; readonly ran: () => string[] } {
    const { root } = this.guest;
    const config = ['pre_freeze', 'post_thaw'].map((when) => {
      const dir = `/run/${when}`;
      mkdirSync(root + dir, { recursive: true });
      const text = `#!/bin/sh\necho ${when} >>/run/ran\n`;
      writeFileSync(`${root + dir}/10-note`, text, { mode: 0o755 });
      return `${when}_script_dir: ${dir}\n`;
    });
    const file = `${root}/run/ran`;
    rmSync(file, { force: true });
    const ran = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
    return { config: config.join(''), ran };
  }

  /** The processes of the freeze that is under way, but for the agent. */
  guardProcesses(): number[] {
    const { freeze_id } = JSON.parse(readFileSync(this.guest.root + STATE, 'utf8'));
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => contentOf(`/proc/${pid}/environ`).includes(freeze_id))
      .map(Number);
  }
}

/** Empty where it cannot be read, as of a process that has ended. */
export function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
