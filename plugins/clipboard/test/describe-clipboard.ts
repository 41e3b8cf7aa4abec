import { setTimeout as sleep } from 'node:timers/promises';
import { ClipboardType } from '@limiquantix/plugin-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desktop, has, isRoot, processesWith, until } from '../../display/test/desktops.ts';
import type { Client } from './clients.ts';
import { jpeg, png } from './images.ts';
import { failure, get, logged, processesIn, set, start, stop, told } from './running.ts';

const { TEXT, IMAGE, HTML } = ClipboardType;

export interface Kind {
  readonly name: string;
  /** Programs that the test takes, besides root. */
  readonly needs: readonly string[];
  readonly uid: number;
  readonly open: (options: { readonly uid: number }) => Promise<Desktop>;
  readonly clientOf: (desktop: Desktop) => Client;
}

/** What an operator relies on, whatever the display server. */
export function describeClipboard({ name, needs, uid, open, clientOf }: Kind): void {
  describe.skipIf(!isRoot || !needs.every(has))(
    `the clipboard of ${name} (needs root, ${needs.join(', ')})`,
    () => {
      let desktop: Desktop;
      let client: Client;
      beforeAll(async () => {
        desktop = await open({ uid });
        client = clientOf(desktop);
      });
      afterAll(async () => {
        await desktop?.stop();
        const left = () => processesWith(desktop.session.user.home);
        await until('all that ran in it is gone', () => left().length === 0 || undefined);
      });

      it('is empty at first', async () => {
        await start(desktop.session);
        expect((await failure(get())).code).toBe(6005);
      });

      it('takes text, and gives it for as long as nobody copies anything else', async () => {
        await start(desktop.session);
        const text = 'Zürich – 東京 🗼\nline\r\n\ttab';
        expect(await set({ type: TEXT, data: Buffer.from(text) })).toEqual({
          success: true,
          error: '',
        });
        for (let times = 0; times < 3; times++) expect(client.paste().toString()).toBe(text);
        expect(await get()).toMatchObject({ type: TEXT, mimeType: 'text/plain;charset=utf-8' });
        await client.copy('other');
        expect((await get()).data.toString()).toBe('other');
      });

      it('gives what the guest copied', async () => {
        await start(desktop.session);
        await client.copy('from the guest ✓');
        const answer = await get();
        expect(answer).toMatchObject({ success: true, type: TEXT, error: '' });
        expect(answer.data.toString()).toBe('from the guest ✓');
      });

      it.each([
        ['a PNG image', IMAGE, 'image/png', png(40, 30)],
        ['a JPEG image', IMAGE, 'image/jpeg', jpeg(40, 30)],
        ['HTML', HTML, 'text/html', Buffer.from('<b>määh</b>')],
        ['an image of a megabyte', IMAGE, 'image/png', png(590, 590)],
      ])('carries %s both ways', async (_, type, mimeType, data) => {
        await start(desktop.session);
        await set({ type, mimeType, data });
        expect(client.types()).toContain(mimeType);
        expect(client.paste(mimeType).equals(data)).toBe(true);
        const child = await client.copy('in between');
        expect((await get(type)).data.toString()).toBe('in between');
        await client.copy(data, mimeType);
        expect(child.exitCode ?? child.signalCode ?? 0).toBe(0);
        const answer = await get(type);
        expect(answer).toMatchObject({ type, mimeType });
        expect(Buffer.from(answer.data).equals(data)).toBe(true);
      });

      it('gives what there is where there is nothing of the type that is preferred', async () => {
        await start(desktop.session);
        const image = png(4, 4);
        await client.copy(image, 'image/png');
        expect(await get(HTML)).toMatchObject({ type: IMAGE, mimeType: 'image/png' });
        await client.copy('xyz', 'application/x-nobody-knows');
        expect((await failure(get())).code).toBe(6006);
      });

      it('is emptied by empty text', async () => {
        await start(desktop.session);
        await client.copy('something');
        await set({ type: TEXT, data: Buffer.alloc(0) });
        expect((await failure(get())).code).toBe(6005);
      });

      it('is not given where it holds more than is shared', async () => {
        await start(desktop.session, { max_bytes: 100_000 });
        await client.copy('x'.repeat(100_000));
        expect((await get()).data).toHaveLength(100_000);
        await client.copy('x'.repeat(100_001));
        expect((await failure(get())).code).toBe(2003);
        await client.copy('x'.repeat(3_000_000));
        expect((await failure(get())).code).toBe(2003);
        expect((await failure(set({ type: TEXT, data: Buffer.alloc(100_001, 'x') }))).code).toBe(
          2003,
        );
      });

      it('is not given where it is not what it is called', async () => {
        await start(desktop.session);
        await client.copy('no image at all', 'image/png');
        expect((await failure(get(IMAGE))).code).toBe(6006);
      });

      it('tells what the guest copies, and nothing that the host has set', async () => {
        await client.copy('from before');
        await start(desktop.session);
        const ready = () => get().then(() => undefined);
        await ready();
        await set({ type: TEXT, data: Buffer.from('from the host') });
        await client.copy('from the guest');
        await until('the guest is told of', () => (told().length > 0 ? true : undefined));
        await set({ type: TEXT, data: Buffer.from('from the host again') });
        await client.copy(png(8, 8), 'image/png');
        await until('the image is told of', () => (told().length > 1 ? true : undefined));
        await sleep(400);
        expect(told().map(({ type, mimeType }) => [type, mimeType])).toEqual([
          [TEXT, 'text/plain;charset=utf-8'],
          [IMAGE, 'image/png'],
        ]);
        expect(told()[0]?.text).toBe('from the guest');
      });

      it('tells nothing where it is not to be watched', async () => {
        await start(desktop.session, { monitoring: false });
        await client.copy('secret');
        expect((await get()).data.toString()).toBe('secret');
        await client.copy('secret too');
        await sleep(500);
        expect(told()).toEqual([]);
      });

      it('never reaches a log, an argument or an environment', async () => {
        await start(desktop.session);
        const canary = `canary-${Math.random()}`;
        await set({ type: TEXT, data: Buffer.from(canary) });
        expect(client.paste().toString()).toBe(canary);
        await client.copy(`${canary} of the guest`);
        await until('it is told of', () => (told().length > 0 ? true : undefined));
        await failure(set({ type: IMAGE, data: Buffer.from(canary) }));
        expect(processesWith(canary)).toEqual([]);
        expect(JSON.stringify(logged())).not.toContain(canary);
      });

      it('leaves no process behind, and runs nothing as root but in its own session', async () => {
        await start(desktop.session);
        await set({ type: TEXT, data: Buffer.from('x') });
        const processes = processesIn(desktop);
        expect(processes).toHaveLength(1);
        expect(
          desktop
            .run('stat', ['-c', '%u', `/proc/${processes[0]}`])
            .stdout.toString()
            .trim(),
        ).toBe(String(uid));
        await stop();
        await until('it is gone', () => (processesIn(desktop).length === 0 ? true : undefined));
        expect((await client.types()).join()).not.toContain('text/plain');
      });
    },
  );
}
