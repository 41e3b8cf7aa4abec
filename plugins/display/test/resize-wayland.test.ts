import {
  AgentError,
  DisplayResize,
  type DisplayResizeRequest,
  type Init,
} from '@limiquantix/plugin-sdk';
import { type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { displayPlugin } from '../src/plugin.ts';
import { type Desktop, has, isRoot, startCompositor } from './desktops.ts';

const withPhoc = isRoot && has('phoc') && has('wlr-randr');
const withSway = isRoot && has('sway') && has('wlr-randr');

describe.skipIf(!withPhoc)('a compositor of wlroots (needs root, phoc and wlr-randr)', () => {
  let desktop: Desktop;
  let host: TestHost;
  const resize = (request: Init<DisplayResizeRequest>) => host.call(DisplayResize, request);
  const shown = (output: string) =>
    new RegExp(`^${output} [^]*?(\\d+x\\d+) px`, 'm').exec(
      desktop.run('wlr-randr', []).stdout.toString(),
    )?.[1];

  beforeAll(async () => {
    desktop = await startCompositor('phoc');
    host = await testHost(
      displayPlugin(async () => desktop.session),
      { package: manifest },
    );
  });
  afterAll(async () => {
    await host?.stop();
    await desktop?.stop();
  });

  it('takes any size', async () => {
    expect(await resize({ width: 1921, height: 1081, displayId: 'HEADLESS-1' })).toMatchObject({
      success: true,
      actualWidth: 1921,
      actualHeight: 1081,
    });
    expect(shown('HEADLESS-1')).toBe('1921x1081');
    expect(shown('HEADLESS-2')).toBe('1280x720');
  });

  it('takes the first output where none is named', async () => {
    await resize({ width: 1000, height: 700 });
    expect([shown('HEADLESS-1'), shown('HEADLESS-2')]).toContain('1000x700');
  });

  it('refuses outputs that are not there', async () => {
    for (const displayId of ['--help', '--dryrun', 'HEADLESS-9']) {
      const error = await resize({ width: 800, height: 600, displayId }).catch(AgentError.from);
      expect(error).toMatchObject({ code: 6001, context: expect.stringContaining('HEADLESS-1') });
    }
  });

  it('says where a compositor lets nobody set a mode', async () => {
    const session = { ...desktop.session, desktop: 'ubuntu:GNOME' };
    const gnome = await testHost(
      displayPlugin(async () => session),
      { package: manifest },
    );
    const error = await gnome
      .call(DisplayResize, { width: 800, height: 600 })
      .catch(AgentError.from);
    expect(error).toMatchObject({ code: 6003, resolution: expect.stringContaining('X11') });
  });

  it('says where no compositor listens', async () => {
    const environment = { ...desktop.session.environment, WAYLAND_DISPLAY: 'wayland-99' };
    const session = { ...desktop.session, environment };
    const gone = await testHost(
      displayPlugin(async () => session),
      { package: manifest },
    );
    const error = await gone
      .call(DisplayResize, { width: 800, height: 600 })
      .catch(AgentError.from);
    expect(error).toMatchObject({ code: 6007 });
  });
});

describe.skipIf(!withSway)('sway (needs root, sway and wlr-randr)', () => {
  it('gets its size even from a version that does not tell it', async () => {
    const desktop = await startCompositor('sway');
    try {
      const host = await testHost(
        displayPlugin(async () => desktop.session),
        { package: manifest },
      );
      expect(await host.call(DisplayResize, { width: 1921, height: 1080 })).toMatchObject({
        actualWidth: 1921,
        actualHeight: 1080,
      });
      const { stdout } = desktop.run('swaymsg', ['-t', 'get_outputs', '-r', '-s', sway(desktop)]);
      const sizes = JSON.parse(stdout.toString()).map(
        (o: { current_mode: { width: number } }) => o.current_mode.width,
      );
      expect(sizes).toContain(1921);
    } finally {
      await desktop.stop();
    }
  });
});

function sway(desktop: Desktop): string {
  return `${desktop.session.environment.XDG_RUNTIME_DIR}/sway-ipc.${desktop.session.user.uid}.${desktop.server.pid}.sock`;
}
