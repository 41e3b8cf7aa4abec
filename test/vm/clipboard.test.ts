import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './support/desktop.ts';
import { EventStream } from './support/event-stream.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const MIB = 1024 * 1024;
/** Letters of two, three and four bytes, right-to-left, a joined emoji, quotes and line ends. */
const UNICODE = 'Grüße, 世界! مرحبا 👩‍👩‍👧 \'"$HOME`\\\n\ttab\r\nend ';
/** One transparent pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

let guest: Guest;
let desktop: Desktop;

beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

const ask = () => guest.rest('GET', '/clipboard');
const set = (content: Readonly<Record<string, string>>) =>
  guest.rest('POST', '/clipboard', content);

/** Copies in the guest what a command prints, as a program with a window would. */
async function copy(command: string, target = 'UTF8_STRING'): Promise<void> {
  await desktop.ok(`${command} | xclip -selection clipboard -t ${target} -i >/dev/null 2>&1`);
}

const paste = (target = 'UTF8_STRING') => `xclip -selection clipboard -t ${target} -o`;

/** A command that prints text of any kind. */
const print = (text: string) => `base64 -d <<<${Buffer.from(text).toString('base64')}`;

it('says that there is no desktop before one is started', async () => {
  for (const { status, body } of [await ask(), await set({ type: 'text', data: 'text' })]) {
    expect(status).toBe(501);
    expect(body).toMatchObject({ code: 'QXGA-6007' });
  }
});

describe('the clipboard of a desktop', () => {
  beforeAll(async () => {
    desktop = await Desktop.start(guest);
  });

  it('is empty before anybody copied anything', async () => {
    const { status, body } = await ask();
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'QXGA-6005' });
  });

  it('has the text that the host set, in any script', async () => {
    expect(await set({ type: 'text', data: UNICODE })).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect(await desktop.ok(`${paste()} | base64 -w0`)).toBe(
      Buffer.from(UNICODE).toString('base64'),
    );
    expect((await desktop.ok(paste('TARGETS'))).split('\n')).toContain('UTF8_STRING');
  });

  it('keeps it when the host leaves', async () => {
    await guest.stopGateway();
    expect(await desktop.ok(paste())).toContain('世界');
    await guest.startGateway();
    expect((await ask()).body).toMatchObject({ data: UNICODE });
  });

  it('gives the host the text that was copied in the guest', async () => {
    await copy(print(UNICODE));
    expect(await ask()).toMatchObject({
      status: 200,
      body: { success: true, type: 'text', encoding: 'utf-8', data: UNICODE },
    });
  });

  it('carries a mebibyte either way, and no more than that', async () => {
    // A letter in four has two bytes.
    const text = 'naïf '.repeat(Math.ceil(MIB / 6)).slice(0, -1);
    const mebibyte = Buffer.from(text).subarray(0, MIB).toString();
    expect(Buffer.byteLength(mebibyte)).toBe(MIB);
    expect((await set({ type: 'text', data: mebibyte })).status).toBe(200);
    const digest = createHash('sha256').update(mebibyte).digest('hex');
    expect(await desktop.ok(`${paste()} | sha256sum`)).toBe(`${digest}  -\n`);

    await copy(`yes 'copied in the guest' | head -c ${MIB}`);
    const { body } = await ask();
    expect(Buffer.byteLength(body.data)).toBe(MIB);
    expect(body.data.slice(0, 44)).toBe('copied in the guest\n'.repeat(3).slice(0, 44));

    const more = await set({ type: 'text', data: `${mebibyte}x` });
    expect(more).toMatchObject({ status: 413, body: { code: 'QXGA-2003' } });
    await copy(`yes | head -c ${MIB + 1}`);
    expect(await ask()).toMatchObject({ status: 413, body: { code: 'QXGA-2003' } });
  });

  it('carries images either way', async () => {
    expect((await set({ type: 'image', mime_type: 'image/png', data: PNG })).status).toBe(200);
    expect(await desktop.ok(`${paste('image/png')} | base64 -w0`)).toBe(PNG);

    await copy(`base64 -d <<<${PNG}`, 'image/png');
    expect((await ask()).body).toMatchObject({
      type: 'image',
      mime_type: 'image/png',
      encoding: 'base64',
      data: PNG,
    });
  });

  it('tells the host what is copied in the guest, and not what the host itself set', async () => {
    const events = await EventStream.open(guest);
    try {
      expect((await set({ type: 'text', data: 'of the host' })).status).toBe(200);
      await copy(print(UNICODE));
      await expect
        .poll(() => events.of('clipboard_changed'), { timeout: 30_000 })
        .toMatchObject([{ type: 'text', data: UNICODE }]);
    } finally {
      events.close();
    }
  });

  it('is emptied by the host', async () => {
    expect((await set({ type: 'text', data: '' })).status).toBe(200);
    expect((await desktop.run(paste())).status).not.toBe(0);
    expect(await ask()).toMatchObject({ status: 404, body: { code: 'QXGA-6005' } });
  });

  it('leaves no trace of a password in logs and arguments', async () => {
    const password = 'correct-horse-battery-staple';
    expect((await set({ type: 'text', data: password })).status).toBe(200);
    expect(await desktop.ok(paste())).toBe(password);
    // In parts: the command that looks for it is a process with arguments too.
    const looksFor = password.replace(/^c/, '[c]');
    const holders = await guest.run(`grep -aslE '${looksFor}' /proc/[0-9]*/{cmdline,environ}`);
    expect(holders.stdout).toBe('');
    expect((await guest.run(`journalctl --no-pager | grep -E '${looksFor}'`)).stdout).toBe('');
  });

  it('is gone when its user has logged out', async () => {
    await desktop.stop();
    expect(await ask()).toMatchObject({ status: 501, body: { code: 'QXGA-6007' } });
  });
});
