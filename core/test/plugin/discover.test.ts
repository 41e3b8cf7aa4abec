import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { discoverPlugins } from '../../src/plugin/discover.ts';
import { writePlugin } from '../plugins.ts';
import { temporaryFolder } from '../temporary.ts';

let bundled: string;
let thirdParty: string;

beforeEach(() => {
  bundled = temporaryFolder();
  thirdParty = temporaryFolder();
});

const nothing = { code: 'return {};' };
const discover = () => discoverPlugins(bundled, [thirdParty]);

/** A folder whose package.json is this. */
function writePackage(found: unknown, dir: string = join(bundled, 'x')): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'plugin.cjs'), '');
  writeFileSync(
    join(dir, 'package.json'),
    typeof found === 'string' ? found : JSON.stringify(found),
  );
}

const whole = {
  name: 'plugin-x',
  version: '1.2.3',
  main: 'plugin.cjs',
  limiquantix: { sdk: '^1.0.0', activation: 'onRequest', platforms: ['linux'] },
};

const reasons = async () => (await discover()).broken.map(({ error }) => error.message);

describe('discovery', () => {
  it('finds the plugins of all folders by name, without running them', async () => {
    writePlugin(bundled, 'file', { code: "throw new Error('ran');" });
    writePlugin(thirdParty, 'extra', nothing);
    const { plugins, broken } = await discover();
    expect(broken).toEqual([]);
    expect(plugins.map(({ name, thirdParty }) => [name, thirdParty])).toEqual([
      ['extra', true],
      ['file', false],
    ]);
    expect(plugins[1]).toMatchObject({
      version: '1.0.0',
      dir: join(bundled, 'file'),
      bundle: join(bundled, 'file', 'plugin.cjs'),
      unsupported: undefined,
    });
  });

  it('fills in what a manifest leaves out', async () => {
    writePackage(whole);
    expect((await discover()).plugins[0]?.manifest).toMatchObject({
      provides: [],
      handles: [],
      methods: [],
      permissions: [],
      features: {},
      inherits: {},
      config: {},
    });
  });

  it('looks neither at files nor at hidden folders', async () => {
    writeFileSync(join(bundled, 'README'), '');
    mkdirSync(join(bundled, '.staging'));
    expect(await discover()).toEqual({ plugins: [], broken: [] });
  });

  it('says that a folder for plugins is not there', async () => {
    const missing = join(thirdParty, 'missing');
    const { broken } = await discoverPlugins(bundled, [missing]);
    expect(broken[0]?.error.message).toContain(`${missing}: ENOENT`);
  });

  it('lets no third party replace a bundled plugin', async () => {
    writePlugin(bundled, 'file', nothing);
    writePlugin(thirdParty, 'file', { ...nothing, version: '9.0.0' });
    const { plugins, broken } = await discover();
    expect(plugins.map(({ version }) => version)).toEqual(['1.0.0']);
    expect(broken[0]?.error.message).toContain('a plugin "file" exists already');
  });

  it.each([
    ['its platform', { platforms: ['win32'] }, 'it runs on win32, not on linux'],
    ['its SDK', { sdk: '^2.0.0' }, 'it needs version ^2.0.0 of the plugin SDK'],
  ])('knows what does not run on this guest by %s', async (_, manifest, reason) => {
    writePlugin(bundled, 'file', { ...nothing, manifest });
    expect((await discover()).plugins[0]?.unsupported).toContain(reason);
  });
});

describe('a broken plugin is told, and costs no other', () => {
  it.each([
    ['no JSON', '{', 'JSON'],
    ['no object', [], 'must be a section of keys and values'],
    ['no manifest', { ...whole, limiquantix: undefined }, 'limiquantix is missing'],
    ['a bad name', { ...whole, name: 'Upper' }, 'name must be [@scope/][plugin-]name'],
    ['no version', { ...whole, version: 'latest' }, 'version: "latest" is none'],
    ['no bundle', { ...whole, main: 'missing.cjs' }, 'missing.cjs does not exist'],
    ['a bundle elsewhere', { ...whole, main: '../../x.cjs' }, 'is not in its folder'],
    ['another kind of bundle', { ...whole, main: 'x.mjs' }, 'main must be a CommonJS file'],
    [
      'an unknown method',
      { ...whole, limiquantix: { ...whole.limiquantix, handles: ['fly'] } },
      'limiquantix.handles.0 must be one of ping, execute',
    ],
    [
      'an unknown key',
      { ...whole, limiquantix: { ...whole.limiquantix, handels: [] } },
      'limiquantix.handels is not a known key; did you mean handles?',
    ],
  ])('%s', async (_, found, reason) => {
    writePackage(found);
    writePlugin(bundled, 'fine', nothing);
    expect(await reasons()).toEqual([expect.stringContaining(reason)]);
    expect((await reasons())[0]).toContain(join(bundled, 'x'));
    expect((await discover()).plugins.map(({ name }) => name)).toEqual(['fine']);
  });

  it('no package.json', async () => {
    mkdirSync(join(bundled, 'x'));
    expect((await reasons())[0]).toMatch(/package\.json: does not exist/);
  });

  it('a schema of settings that is none', async () => {
    writePlugin(thirdParty, 'x', { ...nothing, manifest: { config: { type: 'nonsense' } } });
    expect((await reasons())[0]).toContain('limiquantix.config: schema is invalid');
  });
});

describe('a third party is trusted only where nobody else can write', () => {
  it.each([
    ['the folder for plugins', ''],
    ['its folder', 'x'],
    ['its manifest', 'x/package.json'],
    ['its bundle', 'x/dist/plugin.cjs'],
    ["its bundle's folder", 'x/dist'],
  ])('%s', async (_, path) => {
    writePackage({ ...whole, main: 'dist/plugin.cjs' }, join(thirdParty, 'x'));
    mkdirSync(join(thirdParty, 'x', 'dist'));
    writeFileSync(join(thirdParty, 'x', 'dist', 'plugin.cjs'), '');
    for (const part of ['', 'x', 'x/dist']) chmodSync(join(thirdParty, part), 0o755);
    for (const part of ['x/package.json', 'x/dist/plugin.cjs']) {
      chmodSync(join(thirdParty, part), 0o644);
    }
    expect((await discover()).plugins).toHaveLength(1);
    chmodSync(join(thirdParty, path), 0o775);
    const { plugins, broken } = await discover();
    expect(plugins).toEqual([]);
    expect(broken[0]?.error).toMatchObject({
      code: 9002,
      message: expect.stringContaining('must belong to root and not be writable by others'),
      resolution: expect.stringContaining('chmod go-w'),
    });
  });

  it('nor below a folder of others, who could put another in its place', async () => {
    const shared = join(thirdParty, 'shared');
    mkdirSync(join(shared, 'plugins'), { recursive: true, mode: 0o755 });
    writePlugin(join(shared, 'plugins'), 'x', nothing);
    const found = () => discoverPlugins(bundled, [join(shared, 'plugins')]);
    chmodSync(shared, 0o777);
    expect((await found()).broken[0]?.error.message).toContain(`${shared} must belong to root`);
    // As in /tmp: there only its owner can take it away.
    chmodSync(shared, 0o1777);
    expect((await found()).plugins).toHaveLength(1);
  });

  it.runIf(process.geteuid?.() === 0)('nor where it belongs to somebody else', async () => {
    const dir = writePlugin(thirdParty, 'x', nothing);
    chownSync(join(dir, 'plugin.cjs'), 12_345, 0);
    expect((await reasons())[0]).toContain('plugin.cjs must belong to root');
  });

  it('nor through a link to another folder', async () => {
    const elsewhere = temporaryFolder();
    symlinkSync(writePlugin(elsewhere, 'x', nothing), join(thirdParty, 'x'));
    expect((await discover()).plugins).toEqual([]);
  });
});
