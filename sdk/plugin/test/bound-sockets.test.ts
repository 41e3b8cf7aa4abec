import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boundSockets } from '../src/guest/desktop/bound-sockets.ts';

let proc = '';
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'bound-sockets-'));
  mkdirSync(join(proc, 'net'));
});
afterEach(() => rmSync(proc, { recursive: true }));

function table(...names: string[]): void {
  const rows = names.map((name) => `ffff: 00000002 00000000 00010000 0001 01 1 ${name}\n`);
  writeFileSync(join(proc, 'net/unix'), `Num RefCount Path\n${rows.join('')}`);
}

describe('the sockets that are bound', () => {
  it('are those of the kernel', async () => {
    const path = join(proc, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await boundSockets('/proc', path)).toEqual(new Set([path]));
    server.close();
  });

  it('are found among ten thousand, wherever a part of the table ends', async () => {
    const others = Array.from({ length: 10_000 }, (_, index) => `/run/${'x'.repeat(index % 97)}`);
    for (let shift = 0; shift < 100; shift += 7) {
      const [first, second] = [others.slice(0, 5000), others.slice(5000)];
      table('y'.repeat(shift), ...first, '/tmp/X1', '/my/tmp/X2', ...second, '@/tmp/X3');
      expect(await boundSockets(proc, '/tmp/X')).toEqual(new Set(['/tmp/X1', '/tmp/X3']));
    }
  });

  it('are none where the kernel has no list, or no line of it ends', async () => {
    expect(await boundSockets(proc, '/a')).toEqual(new Set());
    writeFileSync(join(proc, 'net/unix'), 'x'.repeat(100_000));
    expect(await boundSockets(proc, '/a')).toEqual(new Set());
  });
});
