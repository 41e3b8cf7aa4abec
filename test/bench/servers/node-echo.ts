import { fileURLToPath } from 'node:url';
import { frameScanner } from '../clients/frames.ts';
import { Peer } from '../clients/peer.ts';
import type { Workspace } from '../workspace.ts';

const PROGRAM = fileURLToPath(new URL('node-echo-main.mjs', import.meta.url));

/** Sends back what it gets: the floor under every server that is written for Node. */
export class NodeEcho {
  readonly socket: string;
  readonly pid: number;

  constructor(workspace: Workspace) {
    this.socket = workspace.path('echo.sock');
    this.pid = workspace.spawn(process.execPath, [PROGRAM, this.socket]).pid as number;
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.socket, frameScanner);
  }
}
