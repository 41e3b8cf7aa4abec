import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AgentError,
  DisplayResize,
  type DisplayResizeRequest,
  type DisplayResizeResponse,
  type Init,
} from '@limiquantix/plugin-sdk';
import type { DesktopSession } from '@limiquantix/plugin-sdk/guest';
import { type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { displayPlugin } from '../src/plugin.ts';
import { type Desktop, has, isRoot, SOMEBODY, startXorgDummy, startXvfb } from './desktops.ts';

const withXorg = isRoot && has('Xorg') && has('xrandr');
const withXvfb = isRoot && has('Xvfb') && has('xrandr');

function hostOf(session: DesktopSession | undefined, kernelLog?: string): Promise<TestHost> {
  return testHost(
    displayPlugin(async () => session, kernelLog),
    { package: manifest },
  );
}

/** As QEMU's virtio-vga has the kernel log it. */
const CARD_REFUSES =
  '3,1,2,-;[drm:virtio_gpu_dequeue_ctrl_func [virtio_gpu]] *ERROR* response 0x1203 (command 0x101)\n';

const failure = (promise: Promise<DisplayResizeResponse>): Promise<AgentError> =>
  promise.then((answer) => expect.fail(`it succeeded: ${JSON.stringify(answer)}`), AgentError.from);

describe.skipIf(!withXorg).each([
  ['root', 0],
  ['a user without rights', SOMEBODY],
])(
  'an X server with the dummy driver, of %s (needs root, Xorg, its dummy driver and xrandr)',
  (_, uid) => {
    let desktop: Desktop;
    let host: TestHost;
    const resize = (request: Init<DisplayResizeRequest>) => host.call(DisplayResize, request);
    const shown = () => /^DUMMY0 .* (\d+x\d+)\+/m.exec(xrandr())?.[1];
    const xrandr = (...args: string[]) => desktop.run('xrandr', args).stdout.toString();
    const modes = () => [...xrandr('--current').matchAll(/^ {3}(\S+)/gm)].map(([, name]) => name);

    beforeAll(async () => {
      desktop = await startXorgDummy({ uid });
      host = await hostOf(desktop.session);
    });
    afterAll(async () => {
      await host?.stop();
      await desktop?.stop();
    });

    it('takes a mode that there is', async () => {
      const before = modes();
      expect(await resize({ width: 800, height: 600 })).toEqual({
        success: true,
        actualWidth: 800,
        actualHeight: 600,
        error: '',
      });
      expect(shown()).toBe('800x600');
      expect(modes()).toEqual(before);
    });

    it('makes a mode that there is not, of an odd width too', async () => {
      expect(await resize({ width: 1921, height: 1081 })).toMatchObject({
        actualWidth: 1921,
        actualHeight: 1081,
      });
      expect(shown()).toBe('1921x1081');
      expect(await resize({ width: 1366, height: 768, displayId: 'DUMMY0' })).toMatchObject({
        actualWidth: 1366,
      });
      expect(shown()).toBe('1366x768');
    });

    it('waits until the kernel speaks again of what the card refuses, where a size grows', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kernel-log-'));
      const log = join(folder, 'kmsg');
      writeFileSync(log, '');
      const complaining = await hostOf(desktop.session, log);
      const ask = (width: number, height: number) =>
        complaining.call(DisplayResize, { width, height });
      try {
        await ask(800, 600);
        const complaints = setInterval(() => appendFileSync(log, CARD_REFUSES), 1);
        const asked = performance.now();
        const refused = await failure(ask(1600, 1200));
        clearInterval(complaints);
        expect(refused).toMatchObject({
          code: 6002,
          resolution: expect.stringContaining('hostmem'),
        });
        const began = performance.now();
        expect(shown()).toBe('800x600');
        expect(await ask(640, 480)).toMatchObject({ actualWidth: 640 });
        const shrunk = performance.now();
        expect(await ask(1024, 768)).toMatchObject({ actualWidth: 1024 });
        // Five seconds after the complaint.
        expect(performance.now() - asked).toBeGreaterThan(4990);
        expect(shrunk - began).toBeLessThan(4000);
      } finally {
        await complaining.stop();
        rmSync(folder, { recursive: true });
      }
    });

    it('leaves no modes of sizes that it had', async () => {
      for (const width of [1001, 1002, 1003]) await resize({ width, height: 700 });
      const made = () => modes().filter((name) => name?.includes('_lqx'));
      expect(made()).toEqual(['1003x700_lqx']);
      await resize({ width: 800, height: 600 });
      expect(made()).toEqual([]);
    });

    it('gets by with a name that is taken', async () => {
      xrandr(
        '--newmode',
        '1111x777_lqx',
        '25.175',
        ...'640 656 752 800 480 490 492 525'.split(' '),
      );
      expect(await resize({ width: 1111, height: 777 })).toMatchObject({ actualWidth: 1111 });
      expect(shown()).toBe('1111x777');
    });

    it('sets the dots per inch', async () => {
      await resize({ width: 1200, height: 900, dpi: 192 });
      // 1200 pixels at 192 dpi are 158 mm, and the root window tells them.
      expect(desktop.run('xdpyinfo', []).stdout.toString()).toMatch(
        /dimensions: +1200x900 pixels \(158x119/,
      );
    });

    it('shows the last of many sizes, and says so in every answer that was superseded', async () => {
      const sizes = Array.from({ length: 20 }, (_, index) => 900 + index);
      const answers = await Promise.all(sizes.map((width) => resize({ width, height: 700 })));
      expect(shown()).toBe('919x700');
      expect(answers.map((answer) => answer.actualWidth)).toEqual(Array(20).fill(919));
    });

    it('refuses displays that are not there, whatever they are called', async () => {
      for (const displayId of ['--help', ';id', 'DUMMY1', 'dummy0', '-d', 'DUMMY0\0', '../x']) {
        const error = await failure(resize({ width: 800, height: 600, displayId }));
        expect(error.code).toBe(6001);
        expect(error.context).toBe('displays: DUMMY0');
      }
    });

    it('refuses what is larger than the server takes, and says what it takes', async () => {
      const error = await failure(resize({ width: 0, height: 600 }));
      expect(error.code).toBe(6002);
      for (const [width, height] of [
        [16_385, 10],
        [10, 4_294_967_295],
      ] as const) {
        expect((await failure(resize({ width, height }))).code).toBe(6002);
      }
      expect((await failure(resize({ width: 800, height: 600, dpi: 961 }))).code).toBe(6002);
    });

    it('reports a size that the driver has no memory for, and stays as it is', async () => {
      await resize({ width: 800, height: 600 });
      const error = await failure(resize({ width: 16_384, height: 16_384 }));
      expect(error.code).toBe(6003);
      expect(error.context).not.toBe('');
      expect(shown()).toBe('800x600');
      expect(xrandr()).not.toContain('16384x16384');
    });
  },
);

describe.skipIf(!withXvfb)('an X server of a fixed screen (needs root, Xvfb and xrandr)', () => {
  let desktop: Desktop;
  beforeAll(async () => {
    desktop = await startXvfb({ uid: SOMEBODY });
  });
  afterAll(() => desktop?.stop());

  it('tells how large it can be, and takes what is smaller', async () => {
    const host = await hostOf(desktop.session);
    const error = await failure(host.call(DisplayResize, { width: 1921, height: 1080 }));
    expect(error.code).toBe(6002);
    expect(error.message).toContain('1280x800');
    expect(await host.call(DisplayResize, { width: 1000, height: 700 })).toMatchObject({
      success: true,
      actualWidth: 1000,
      actualHeight: 700,
    });
  });

  it('lets nobody in without its cookie', async () => {
    const { session } = desktop;
    const { XAUTHORITY: _, ...environment } = session.environment;
    const host = await hostOf({ ...session, environment: { ...environment, HOME: '/' } });
    const error = await failure(host.call(DisplayResize, { width: 800, height: 600 }));
    expect(error.code).toBe(6007);
    expect(error.context).toContain("Can't open display");
  });
});

describe('without a session', () => {
  it('answers that there is no display server', async () => {
    const host = await hostOf(undefined);
    const error = await failure(host.call(DisplayResize, { width: 800, height: 600 }));
    expect(error.code).toBe(6007);
  });
});
