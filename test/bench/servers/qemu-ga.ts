import { mkdirSync } from 'node:fs';
import type { Bench } from '../case.ts';
import { lineScanner } from '../clients/json-lines.ts';
import { Peer } from '../clients/peer.ts';
import type { Workspace } from '../workspace.ts';
import { findProgram } from './find-program.ts';

/** Debian's QEMU guest agent on a unix socket. It serves one client at a time. */
export class QemuGa {
  readonly socket: string;
  readonly pid: number;

  private constructor(program: string, workspace: Workspace) {
    this.socket = workspace.path('qga.sock');
    const state = workspace.path('qga');
    mkdirSync(state, { recursive: true });
    const args = ['-m', 'unix-listen', '-p', this.socket, '-t', state, '-f', `${state}/pid`];
    this.pid = workspace.spawn(program, args).pid as number;
  }

  /** @returns undefined where it is not installed, which is then told */
  static start({ workspace, absent }: Pick<Bench, 'workspace' | 'absent'>): QemuGa | undefined {
    const program = findProgram('qemu-ga');
    if (program) return new QemuGa(program, workspace);
    absent('qemu-ga', 'it is not installed: apt-get install qemu-guest-agent');
    return undefined;
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.socket, lineScanner);
  }
}
