import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Desktop, until } from '../../display/test/desktops.ts';

/** The second program at the clipboard, which is the guest's user. */
export interface Client {
  /** Resolves once the clipboard holds it. */
  copy(data: Buffer | string, type?: string): Promise<ChildProcess>;
  paste(type?: string): Buffer;
  types(): string[];
}

export const xclip = (desktop: Desktop): Client => ({
  async copy(data, type = 'UTF8_STRING') {
    // It leaves once something else is copied.
    const child = desktop.start(
      'xclip',
      ['-quiet', '-selection', 'clipboard', '-t', type, '-i'],
      data,
    );
    // Asked for what it holds, it would have no ear for the plugin: it serves one at a time.
    await once(child.stderr as Readable, 'data');
    await until('it waits for requests', () => isAsleep(child.pid) || undefined);
    // A server that answers several questions of another has read what this one sent before.
    desktop.run('xclip', ['-selection', 'secondary', '-t', 'TARGETS', '-o']);
    return child;
  },
  paste: (type = 'UTF8_STRING') =>
    desktop.run('xclip', ['-selection', 'clipboard', '-t', type, '-o']).stdout,
  types: () =>
    desktop
      .run('xclip', ['-selection', 'clipboard', '-t', 'TARGETS', '-o'])
      .stdout.toString()
      .split('\n'),
});

export const wlClipboard = (desktop: Desktop): Client => ({
  async copy(data, type = 'text/plain') {
    const child = desktop.start('wl-copy', ['--foreground', '--type', type], data);
    await holds(this, data, type);
    return child;
  },
  paste: (type = 'text/plain;charset=utf-8') => desktop.run('wl-paste', ['-n', '-t', type]).stdout,
  types: () => desktop.run('wl-paste', ['-l']).stdout.toString().split('\n'),
});

function holds(client: Client, data: Buffer | string, type: string): Promise<true> {
  const copied = Buffer.from(data);
  return until('it is copied', () => client.paste(type).equals(copied) || undefined);
}

/** Whether a process has nothing to do until something happens. */
function isAsleep(pid: number | undefined): boolean {
  return / S \d+ /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').split(')').at(-1) ?? '');
}
