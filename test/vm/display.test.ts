import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './support/desktop.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

function resize(request: Size & { readonly dpi?: number; readonly display_id?: string }) {
  return guest.rest('POST', '/display/resize', request);
}

it('says that there is no desktop before one is started', async () => {
  const { status, body } = await resize({ width: 1024, height: 768 });
  expect(status).toBe(501);
  expect(body).toMatchObject({ code: 'QXGA-6007', resolution: expect.stringContaining('Log in') });
});

describe('a desktop on the virtual video card', () => {
  let desktop: Desktop;
  beforeAll(async () => {
    desktop = await Desktop.start(guest);
  });

  /** What the hypervisor shows, which follows what the guest draws. */
  const onScreen = async (): Promise<Size> => {
    const { width, height } = await guest.screendump();
    return { width, height };
  };

  /** What the X server says of its screen and its only output. */
  const inGuest = async () => {
    const listing = await desktop.ok('xrandr');
    return {
      screen: /current (\d+ x \d+)/.exec(listing)?.[1],
      output: /^Virtual-1 connected (?:primary )?(\d+x\d+)\+0\+0/m.exec(listing)?.[1],
    };
  };

  it.each([
    { width: 1920, height: 1080 },
    // No mode of the card, and a width that is no multiple of eight.
    { width: 1537, height: 843 },
    { width: 640, height: 480 },
  ])('takes the size of a window of $width x $height', async ({ width, height }) => {
    const { status, body } = await resize({ width, height });
    expect(status).toBe(200);
    expect(body).toEqual({ success: true, actual_width: width, actual_height: height });
    expect(await inGuest()).toEqual({
      screen: `${width} x ${height}`,
      output: `${width}x${height}`,
    });
    await expect.poll(onScreen, { timeout: 20_000 }).toEqual({ width, height });
  });

  it('says so where the card does not show a size, and has the former one', async () => {
    expect(await resize({ width: 1024, height: 768 })).toMatchObject({ status: 200 });
    // More than the 256 MiB that the hypervisor has for pictures by default.
    const { status, body } = await resize({ width: 8192, height: 8192 });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'QXGA-6002',
      detail: expect.stringContaining('8192x8192: the virtual video card does not show it'),
    });
    expect(await inGuest()).toEqual({ screen: '1024 x 768', output: '1024x768' });
    await expect.poll(onScreen, { timeout: 20_000 }).toEqual({ width: 1024, height: 768 });
    expect(await resize({ width: 1280, height: 800 })).toMatchObject({ status: 200 });
    await expect.poll(onScreen, { timeout: 20_000 }).toEqual({ width: 1280, height: 800 });
  });

  it('has the last size of a window that was dragged', async () => {
    const widths = [901, 1002, 1103, 1204, 1305];
    const answers = await Promise.all(widths.map((width) => resize({ width, height: 700 })));
    expect(answers.map(({ status }) => status)).toEqual(widths.map(() => 200));
    expect(answers.at(-1)?.body).toMatchObject({ actual_width: 1305, actual_height: 700 });
    await expect.poll(onScreen, { timeout: 20_000 }).toEqual({ width: 1305, height: 700 });
    // Nothing is left of the sizes in between.
    expect((await desktop.ok('xrandr')).match(/\S+_lqx\S*/g)).toEqual(['1305x700_lqx']);
  });

  it('has the dots per inch that were asked for', async () => {
    expect((await resize({ width: 1280, height: 800, dpi: 144 })).status).toBe(200);
    expect(await desktop.ok('xdpyinfo')).toMatch(/resolution: +144x144 dots per inch/);
  });

  it('refuses what is more than the card can show, and stays as it was', async () => {
    const before = await inGuest();
    const { status, body } = await resize({ width: 16_384, height: 16_384 });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'QXGA-6002',
      detail: expect.stringMatching(/16384x16384: the display server takes \d+x\d+ to \d+x\d+/),
    });
    expect(await inGuest()).toEqual(before);
  });

  it('names the displays that there are to who asks for another', async () => {
    const { status, body } = await resize({ width: 800, height: 600, display_id: 'HDMI-9' });
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'QXGA-6001', context: 'displays: Virtual-1' });
    expect((await resize({ width: 800, height: 600, display_id: 'Virtual-1' })).status).toBe(200);
  });

  it('names the package where xrandr is not installed', async () => {
    await guest.ok('mv /usr/bin/xrandr /usr/bin/xrandr.away');
    try {
      const { status, body } = await resize({ width: 1024, height: 768 });
      expect(status).toBe(501);
      expect(body).toMatchObject({
        code: 'QXGA-6008',
        resolution: expect.stringContaining('x11-xserver-utils'),
      });
    } finally {
      await guest.ok('mv /usr/bin/xrandr.away /usr/bin/xrandr');
    }
  });

  it('is gone when its user has logged out', async () => {
    await desktop.stop();
    const { status, body } = await resize({ width: 1024, height: 768 });
    expect(status).toBe(501);
    expect(body).toMatchObject({ code: 'QXGA-6007' });
  });
});
