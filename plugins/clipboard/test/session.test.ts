import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClipboardType, type ClipboardUpdateRequest, type Init } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { has, isRoot, SOMEBODY, startXvfb, until } from '../../display/test/desktops.ts';
import { WaylandClipboard } from '../src/session/wayland/wayland-clipboard.ts';
import { xclip } from './clients.ts';
import { jpeg } from './images.ts';
import {
  bundleOnce,
  failure,
  get,
  POLL_MS,
  processesIn,
  set,
  start,
  switchTo,
  told,
} from './running.ts';

const { TEXT, IMAGE, FILES } = ClipboardType;

bundleOnce();

describe.skipIf(!isRoot || !has('Xvfb') || !has('xclip'))(
  'the session (needs root, Xvfb, xclip)',
  () => {
    it('is followed when somebody else logs in, and given up when it ends', async () => {
      const [first, second] = await Promise.all([startXvfb(), startXvfb({ uid: SOMEBODY })]);
      try {
        await start(first.session);
        await set({ type: TEXT, data: Buffer.from('for the first') });
        switchTo(second.session);
        const watcher = () => processesIn(first).length + processesIn(second).length;
        await xclip(second).copy('of the second');
        expect((await get()).data.toString()).toBe('of the second');
        await sleep(3 * POLL_MS);
        await xclip(second).copy('told');
        await until('it is told', () =>
          told().some(({ text }) => text === 'told') ? true : undefined,
        );
        await until('the first one is gone', () => watcher() === 1 || undefined);
        await second.stop();
        switchTo(undefined);
        await until('its process ends', () => (watcher() === 0 ? true : undefined));
        expect((await failure(get())).code).toBe(6007);
      } finally {
        await Promise.all([first.stop(), second.stop()]);
      }
    });

    it('that does not let its user in is an error that says so', async () => {
      const desktop = await startXvfb({ uid: SOMEBODY });
      try {
        const { XAUTHORITY: _, ...environment } = desktop.session.environment;
        await start({ ...desktop.session, environment: { ...environment, HOME: '/' } });
        const error = await failure(get());
        expect(error).toMatchObject({ code: 6004 });
        expect(error.message).toContain('the X server refuses the connection');
      } finally {
        await desktop.stop();
      }
    });

    it('that hangs does not hold an answer for ever', async () => {
      const desktop = await startXvfb();
      try {
        await start(desktop.session, { monitoring: false });
        const owner = await xclip(desktop).copy('x');
        expect((await get()).data.toString()).toBe('x');
        process.kill(-(owner.pid as number), 'SIGSTOP');
        const error = await failure(get());
        expect(error).toMatchObject({
          code: 6004,
          message: expect.stringContaining('does not answer'),
        });
        process.kill(-(owner.pid as number), 'SIGCONT');
        await sleep(100);
        expect((await get()).data.toString()).toBe('x');
      } finally {
        await desktop.stop();
      }
    });
  },
);

/** A compositor that knows no protocol but the core's. */
async function bareCompositor(): Promise<{ environment: Record<string, string>; close(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'lqx-bare-'));
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const done = Buffer.from(Uint32Array.of(3, 12 << 16, 0).buffer);
    socket.on('data', () => socket.write(done));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'wayland-0'), resolve));
  return {
    environment: { XDG_RUNTIME_DIR: folder, WAYLAND_DISPLAY: 'wayland-0' },
    close() {
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describe.skipIf(!isRoot || !has('Xvfb') || !has('xclip'))(
  'a compositor without data-control (needs root, Xvfb, xclip)',
  () => {
    it('is reached through its X server, and not without one', async () => {
      const [desktop, bare] = await Promise.all([startXvfb(), bareCompositor()]);
      try {
        const { session } = desktop;
        const environment = { ...session.environment, ...bare.environment };
        await start({ ...session, type: 'wayland', environment });
        await xclip(desktop).copy('through X');
        expect((await get()).data.toString()).toBe('through X');
        switchTo({ ...session, type: 'wayland', environment: bare.environment });
        expect(await failure(get())).toMatchObject({
          code: 6004,
          resolution: expect.stringContaining('Xwayland'),
        });
      } finally {
        await desktop.stop();
        bare.close();
      }
    });
  },
);

it.skipIf(!isRoot || !has('Xvfb'))(
  'a process that owns nothing is ended when nobody listens (needs root, Xvfb)',
  async () => {
    const desktop = await startXvfb({ uid: SOMEBODY });
    try {
      const { hooks } = await start(desktop.session);
      const running = (count: number) =>
        until(`${count} processes`, () => processesIn(desktop).length === count || undefined);
      await running(1);
      await hooks.freezing.promise();
      await running(0);
      hooks.thawed.call();
      await running(1);
      await set({ type: TEXT, data: Buffer.from('x') });
      await hooks.freezing.promise();
      await sleep(200);
      expect(processesIn(desktop)).toHaveLength(1);
    } finally {
      await desktop.stop();
    }
  },
);

it('without wl-clipboard names the package', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    const options = { maxBytes: 1024, onChange: () => {}, onEnd: () => {} };
    await expect(WaylandClipboard.open(options)).rejects.toMatchObject({
      name: 'ClipboardUnavailable',
      resolution: 'Install the package wl-clipboard',
    });
  } finally {
    process.env.PATH = PATH;
  }
});

describe('without a session', () => {
  it('there is no display server', async () => {
    await start(undefined);
    expect((await failure(get())).code).toBe(6007);
    expect((await failure(set({ type: TEXT, data: Buffer.from('x') }))).code).toBe(6007);
  });

  it('what nobody could share is refused all the same', async () => {
    await start(undefined);
    const code = async (request: Init<ClipboardUpdateRequest>) =>
      (await failure(set(request))).code;
    expect((await failure(get(FILES))).code).toBe(6006);
    expect(await code({ type: FILES, data: Buffer.from('file:///x') })).toBe(6006);
    expect(await code({ type: IMAGE, mimeType: 'image/gif', data: Buffer.from('GIF89a') })).toBe(
      6006,
    );
    expect(await code({ type: IMAGE, mimeType: 'image/png', data: jpeg(1, 1) })).toBe(6006);
    expect(await code({ type: TEXT, data: Buffer.of(0xff, 0xfe) })).toBe(6006);
    expect(
      await code({ type: TEXT, mimeType: 'text/plain;charset=utf-16', data: Buffer.from('x') }),
    ).toBe(6006);
    expect(await code({ type: TEXT, data: Buffer.alloc(1_048_577) })).toBe(2003);
  });
});
