import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readConfiguration, readOrDegrade, settingsFor } from '../../src/config/configuration.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { readPlugin } from '../../src/plugin/discover.ts';
import { writePlugin } from '../plugins.ts';
import { temporaryFolder } from '../temporary.ts';

let folder: string;
let config: string;

const schema = (key: string, value: number) => ({
  type: 'object',
  additionalProperties: false,
  properties: { [key]: { type: 'integer', default: value } },
});

beforeEach(() => {
  folder = temporaryFolder();
  config = join(temporaryFolder(), 'agent.yaml');
  writePlugin(folder, 'x', { code: 'return {};', manifest: { config: schema('old', 1) } });
});

const write = (text: string) => writeFileSync(config, text, { mode: 0o600 });
const read = (more = {}) =>
  readConfiguration({ config, device: undefined, logLevel: undefined, ...more }, folder);
const readWhatever = () =>
  readOrDegrade({ config, device: 'unix:/x', logLevel: undefined }, folder);

describe('the configuration', () => {
  it('gives way to the command line', async () => {
    write('device_path: /dev/x\nlog_level: warn\n');
    expect((await read()).config).toMatchObject({ device_path: '/dev/x', log_level: 'warn' });
    const { config: overridden } = await read({ device: 'unix:/x', logLevel: 'trace' });
    expect(overridden).toMatchObject({ device_path: 'unix:/x', log_level: 'trace' });
  });

  it('finds third-party plugins, and their settings', async () => {
    const thirdParty = temporaryFolder();
    writePlugin(thirdParty, 'y', { code: 'return {};', manifest: { config: schema('size', 3) } });
    write(`plugin_dirs: [${thirdParty}]\nplugins:\n  y:\n    size: 4\n`);
    const { discovery, pluginSettings } = await read();
    expect(discovery.plugins.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(pluginSettings.get('y')).toEqual({ size: 4 });
  });

  it('is not brought down by a third-party plugin that is broken, nor by its settings', async () => {
    const thirdParty = temporaryFolder();
    const bad = { code: 'return {};', manifest: { config: { type: 'nonsense' } } };
    writePlugin(thirdParty, 'y', bad);
    write(`plugin_dirs: [${thirdParty}]\nplugins:\n  y:\n    size: 4\n`);
    expect((await read()).discovery.broken).toHaveLength(1);
    expect((await readWhatever()).degraded).toBeUndefined();
  });

  it('may have settings for a plugin of whose package nothing can be read', async () => {
    const thirdParty = temporaryFolder();
    writePlugin(thirdParty, 'y', { code: 'return {};' });
    writeFileSync(join(thirdParty, 'y', 'package.json'), '{');
    write(`plugin_dirs: [${thirdParty}]\nplugins:\n  y:\n    enabled: false\n`);
    expect((await readWhatever()).degraded).toBeUndefined();
    write(`plugin_dirs: [${thirdParty}]\nplugins:\n  z:\n    enabled: false\n`);
    expect((await readWhatever()).degraded?.message).toContain('plugins.z');
  });

  it('that cannot be used leaves the minimal profile, and says why', async () => {
    write('security:\n  command_alowlist: [/bin/ls]\n');
    const { degraded, config: used, discovery } = await readWhatever();
    expect(degraded).toMatchObject({ code: 9002 });
    expect(degraded?.message).toContain(`${config}:2: security.command_alowlist`);
    expect(used).toEqual({ ...(await defaultConfig()), device_path: 'unix:/x' });
    expect(discovery.plugins).toHaveLength(1);
  });
});

describe("a plugin's settings", () => {
  it('are those of the file', async () => {
    write('plugins:\n  x:\n    old: 2\n');
    const configuration = await read();
    const [plugin] = configuration.discovery.plugins;
    expect(plugin && (await settingsFor(plugin, configuration))).toEqual({ old: 2 });
  });

  it('follow the schema of a version that came since', async () => {
    write('');
    const configuration = await read();
    const source = { code: 'return {};', manifest: { config: schema('new', 7) } };
    const dir = writePlugin(folder, 'x', source);
    expect(await settingsFor(await readPlugin(dir, false), configuration)).toEqual({ new: 7 });
  });

  it('that do not fit the new version are refused', async () => {
    write('plugins:\n  x:\n    old: 2\n');
    const configuration = await read();
    const source = { code: 'return {};', manifest: { config: schema('new', 7) } };
    const dir = writePlugin(folder, 'x', source);
    await expect(settingsFor(await readPlugin(dir, false), configuration)).rejects.toThrow(
      'plugins.x.old is not a known key; known here: enabled, new',
    );
  });

  it('are the defaults in the minimal profile', async () => {
    write('nonsense: 1\n');
    const configuration = await readWhatever();
    const [plugin] = configuration.discovery.plugins;
    expect(plugin && (await settingsFor(plugin, configuration))).toEqual({ old: 1 });
  });
});
