import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT, ROOT } from '../../support/agent-process.ts';
import { frameScanner } from '../clients/frames.ts';
import { type OnAnswer, Peer } from '../clients/peer.ts';
import type { Workspace } from '../workspace.ts';

/** What the agent's own launchers give to Node. */
export const RUNTIME_FLAGS: readonly string[] = JSON.parse(
  readFileSync(join(ROOT, 'core/runtime-flags.json'), 'utf8'),
);

/** agent.yaml as packages install it. */
export const INSTALLED: string = readFileSync(join(ROOT, 'packaging/config/agent.yaml'), 'utf8');

export interface AgentOptions {
  /** What agent.yaml says. @default what packages install */
  readonly config?: string;
  /** Of its socket and its configuration, and to a gateway its VM's id. @default 'bench' */
  readonly name?: string;
}

/** The bundled agent on a unix socket, as a package would start it. */
export class AgentServer {
  readonly socket: string;
  readonly pid: number;

  /** Starts; it takes connections a moment later, which {@link connect} waits for. */
  constructor(workspace: Workspace, { config = INSTALLED, name = 'bench' }: AgentOptions = {}) {
    this.socket = workspace.path(`${name}.agent.sock`);
    const file = workspace.path(`${name}.yaml`);
    writeFileSync(file, config, { mode: 0o600 });
    const args = [...RUNTIME_FLAGS, AGENT, '--config', file, '--device', `unix:${this.socket}`];
    // Its log goes nowhere; what Node says of a program that it cannot run is wanted.
    const { pid } = workspace.spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.pid = pid as number;
  }

  connect(onEvent?: OnAnswer): Promise<Peer> {
    return Peer.connect(this.socket, (onAnswer) => frameScanner(onAnswer, onEvent));
  }
}
