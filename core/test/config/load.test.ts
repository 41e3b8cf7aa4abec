import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentError } from '@limiquantix/agent-proto';
import type { Manifest } from '@limiquantix/plugin-sdk/host';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Configurable,
  defaultConfig,
  loadConfig,
  validSettings,
} from '../../src/config/load.ts';
import { temporaryFolder } from '../temporary.ts';

let file: string;

beforeEach(() => {
  file = join(temporaryFolder(), 'agent.yaml');
});

function plugin(name: string, config: object, rest: Partial<Manifest> = {}): Configurable {
  const manifest = { provides: [name], inherits: {}, config, ...rest };
  return { name, manifest: manifest as unknown as Manifest };
}

const interval = { type: 'number', minimum: 0.01, maximum: 3600, default: 5 };
const PLUGINS = [
  plugin(
    'telemetry',
    { type: 'object', additionalProperties: false, properties: { interval_secs: interval } },
    { inherits: { interval_secs: 'telemetry_interval_secs' } },
  ),
  plugin('execute', { type: 'object', additionalProperties: false, properties: {} }),
];

function load(text: string | Buffer, mode = 0o600) {
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return loadConfig({ file, discover: async () => ({ plugins: PLUGINS, broken: [] }) });
}

/** What loading says about a file; the file's path is left out. */
async function problems(
  text: string | Buffer,
  mode?: number,
): Promise<{ code: number; lines: string[] }> {
  try {
    await load(text, mode);
  } catch (error) {
    if (!AgentError.is(error)) throw error;
    const detail = error.message.slice(error.message.indexOf(': ') + 2);
    return { code: error.code, lines: detail.replaceAll(file, 'F').split('\n') };
  }
  throw new Error('it was taken');
}

describe('a configuration', () => {
  it('fills in what the file leaves out', async () => {
    const { config } = await load('log_level: debug\nhealth:\n  interval_secs: 10\n');
    const defaults = await defaultConfig();
    expect(config).toEqual({
      ...defaults,
      log_level: 'debug',
      health: { ...defaults.health, interval_secs: 10 },
    });
  });

  it.each([
    ['is empty', ''],
    ['has comments only', '# nothing\n'],
    ['is an empty document', '---\n'],
    ['is JSON', '{}'],
  ])('that %s is the default one', async (_, text) => {
    expect((await load(text)).config).toEqual(await defaultConfig());
  });

  it('may use anchors', async () => {
    const text = 'security:\n  command_allowlist: &list [/bin/ls]\n  command_blocklist: *list\n';
    expect((await load(text)).config.security).toMatchObject({
      command_allowlist: ['/bin/ls'],
      command_blocklist: ['/bin/ls'],
    });
  });

  it('as it is shipped has every key with its default', async () => {
    const shipped = readFileSync(new URL('../../../packaging/config/agent.yaml', import.meta.url));
    const { config } = await load(shipped);
    expect(config).toEqual(await defaultConfig());
    for (const key of Object.keys(config)) expect(`${shipped}`).toMatch(RegExp(`^${key}:`, 'm'));
  });

  it('may disable quiesce, with thaw or without', async () => {
    for (const disabled of [['quiesce'], ['thaw', 'quiesce']]) {
      const { config } = await load(`disabled_capabilities: [${disabled}]\n`);
      expect(config.disabled_capabilities).toEqual(disabled);
    }
  });

  it('does not exist in two pieces: the file says nothing of its defaults', async () => {
    const first = await load('');
    (first.config.disabled_capabilities as string[]).push('execute');
    expect((await load('')).config.disabled_capabilities).toEqual([]);
  });
});

describe("a plugin's settings", () => {
  const settings = async (text: string) => (await load(text)).pluginSettings.get('telemetry');

  it('are its own, else what it inherits, else its defaults', async () => {
    expect(await settings('')).toEqual({ interval_secs: 5 });
    expect(await settings('telemetry_interval_secs: 7')).toEqual({ interval_secs: 7 });
    expect(
      await settings('telemetry_interval_secs: 7\nplugins:\n  telemetry:\n    interval_secs: 9'),
    ).toEqual({ interval_secs: 9 });
  });

  it('do not hold whether it is enabled, and cannot be changed', async () => {
    const found = (await settings('plugins:\n  telemetry:\n    enabled: false')) as {
      interval_secs: number;
    };
    expect(found).toEqual({ interval_secs: 5 });
    expect(() => {
      found.interval_secs = 1;
    }).toThrow(TypeError);
  });

  it('are checked against the schema of the version that is there now', async () => {
    const { config } = await load('plugins:\n  telemetry:\n    interval_secs: 9');
    const next = plugin('telemetry', {
      type: 'object',
      properties: { interval_secs: { type: 'integer', maximum: 8 }, more: { default: 1 } },
    });
    await expect(validSettings(next, config)).rejects.toThrow(
      'plugins.telemetry.interval_secs must be an integer of at most 8',
    );
    expect(await validSettings(next, await defaultConfig())).toEqual({ more: 1 });
  });
});

describe('what is wrong is named by file, line and key, with what is allowed', () => {
  it.each([
    [
      'an unknown key',
      'log_level: info\nlog_lvl: debug\n',
      ['F:2: log_lvl is not a known key; did you mean log_level?'],
    ],
    [
      'an unknown key below another',
      'security:\n  audit_logging: false\n  command_allow_list: []\n',
      ['F:3: security.command_allow_list is not a known key; did you mean command_allowlist?'],
    ],
    [
      'a key that is like no other',
      'health:\n  x: 1\n',
      [
        'F:2: health.x is not a known key; known here: enabled, interval_secs, telemetry_timeout_secs',
      ],
    ],
    [
      'a key that belongs to a section',
      'audit_logging: true\n',
      ['F:1: audit_logging is not a known key; did you mean security.audit_logging?'],
    ],
    [
      'a unix socket whose place depends on where the agent starts',
      'device_path: unix:agent.sock\n',
      [
        'F:1: device_path must be auto, the path of a virtio-serial port, unix:/path, or vsock:PORT with a port from 1 to 1023',
      ],
    ],
    [
      'a number out of range',
      '\n\nlog_max_files: 1000\n',
      ['F:3: log_max_files must be an integer from 1 to 100'],
    ],
    [
      'a text where a number should be',
      'max_chunk_size: "65536"\n',
      ['F:1: max_chunk_size must be an integer from 4096 to 1048576'],
    ],
    [
      'a fraction where an integer should be',
      'max_chunk_size: 5000.5\n',
      ['F:1: max_chunk_size must be an integer from 4096 to 1048576'],
    ],
    [
      'a word that is none of those allowed',
      'framing: qtx1\n',
      ['F:1: framing must be one of auto, plain, magic'],
    ],
    [
      'a vsock port that any program could take',
      'device_path: vsock:1024\n',
      [
        'F:1: device_path must be auto, the path of a virtio-serial port, unix:/path, or vsock:PORT with a port from 1 to 1023',
      ],
    ],
    [
      'a word where a yes should be',
      'prefer_vsock: maybe\n',
      ['F:1: prefer_vsock must be a boolean'],
    ],
    [
      'a section without content',
      'security:\n',
      ['F:1: security must be a section of keys and values'],
    ],
    [
      'an item of a list',
      'security:\n  command_allowlist:\n    - /bin/ls\n    - 7\n',
      ['F:4: security.command_allowlist.1 must be a string'],
    ],
    [
      'an item of a list on one line',
      'plugin_dirs: [/opt/a,\n  relative]\n',
      ['F:2: plugin_dirs.1 must be an absolute path'],
    ],
    [
      'a file whose place depends on where the agent starts',
      'log_file: agent.log\n',
      ['F:1: log_file must be an absolute path, or empty'],
    ],
    [
      'a capability that does not exist',
      'disabled_capabilities:\n  - execute\n  - exceute\n',
      ['F:3: disabled_capabilities: exceute is not a capability; did you mean execute?'],
    ],
    [
      'freezes that no host could end',
      'disabled_capabilities:\n  - execute\n  - thaw\n',
      [expect.stringMatching(/^F:3: .*: thaw can only be disabled together with quiesce.*remove/)],
    ],
    [
      'a plugin that is not installed',
      'plugins:\n  telemetri:\n    enabled: true\n',
      ['F:2: plugins.telemetri is not a known key; did you mean telemetry?'],
    ],
    [
      "a plugin's unknown key",
      'plugins:\n  telemetry:\n    interval: 5\n',
      ['F:3: plugins.telemetry.interval is not a known key; did you mean interval_secs?'],
    ],
    [
      "a plugin's value",
      'plugins:\n  telemetry:\n    interval_secs: 0\n',
      ['F:3: plugins.telemetry.interval_secs must be a number from 0.01 to 3600'],
    ],
    [
      'whether a plugin is enabled',
      'plugins:\n  execute:\n    enabled: 1\n',
      ['F:3: plugins.execute.enabled must be a boolean'],
    ],
    [
      'several at once, each in its line',
      'log_format: xml\nhealth:\n  interval_secs: 0\nfarming: auto\n',
      [
        'F:4: farming is not a known key; did you mean framing?',
        'F:1: log_format must be one of json, pretty',
        'F:3: health.interval_secs must be an integer from 1 to 3600',
      ],
    ],
    [
      'a prototype',
      '__proto__:\n  log_level: debug\n',
      [expect.stringContaining('F:1: __proto__ is not a known key')],
    ],
    [
      'a plugin that is a prototype',
      'plugins:\n  __proto__:\n    enabled: true\n',
      [expect.stringContaining('F:2: plugins.__proto__ is not a known key')],
    ],
    ['a merge key', '<<: {}\n', [expect.stringContaining('F:1: << is not a known key')]],
    ['a number for a key', '7: x\n', [expect.stringContaining('F:1: 7 is not a known key')]],
  ])('%s', async (_, text, lines) => {
    expect(await problems(text)).toEqual({ code: 9002, lines });
  });

  it.each([
    ['a list', '- a\n', 'F:1: the file must hold keys and values'],
    ['a word', 'hello\n', 'F:1: the file must hold keys and values'],
    ['a syntax error', 'a: 1\nb: [1,\n', 'F:3: '],
    [
      'a key twice',
      'log_level: info\nlog_file: ""\nlog_level: debug\n',
      'F:3: Map keys must be unique',
    ],
    ['a tab', 'health:\n\tenabled: true\n', 'F:2: '],
    ['two documents', 'log_level: info\n---\nlog_level: debug\n', 'F:2: '],
    ['an alias of nothing', 'log_file: *nothing\n', 'F:1: there is no anchor nothing before this'],
    ['an alias bomb', bomb(), 'F: Excessive alias count'],
    [
      'Latin-1',
      Buffer.from('log_level: info\nlog_file: /tmp/m\xfcll\n', 'latin1'),
      'F:2: it is not UTF-8',
    ],
  ])('%s cannot be parsed', async (_, text, beginning) => {
    const { code, lines } = await problems(text);
    expect(code).toBe(9001);
    expect(lines[0]).toContain(beginning);
  });
});

/** 2^30 items in a few lines. */
function bomb(): string {
  const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}]`);
  return `l0: &l0 [x]\n${levels.join('\n')}\n`;
}

describe('a file is trusted only', () => {
  it.each([0o620, 0o602, 0o666])(
    'where nobody else may write it, not with mode %o',
    async (mode) => {
      const { code, lines } = await problems('', mode);
      expect(code).toBe(9001);
      expect(lines).toEqual(['F is writable by others']);
    },
  );

  it('where others may read it, too', async () => {
    await expect(load('', 0o644)).resolves.toBeDefined();
  });

  it.runIf(process.geteuid?.() === 0)('where it belongs to root', async () => {
    writeFileSync(file, '', { mode: 0o600 });
    chownSync(file, 12_345, 0);
    await expect(
      loadConfig({ file, discover: async () => ({ plugins: [], broken: [] }) }),
    ).rejects.toThrow(
      expect.objectContaining({
        code: 9001,
        message: expect.stringContaining('belongs to user 12345, not to root'),
        resolution: `chown root ${file}`,
      }),
    );
  });

  it('where it is there', async () => {
    await expect(
      loadConfig({ file, discover: async () => ({ plugins: [], broken: [] }) }),
    ).rejects.toThrow(/agent\.yaml does not exist/);
  });

  it('where it is a file', async () => {
    execFileSync('mkfifo', ['-m', '600', file]);
    await expect(
      loadConfig({ file, discover: async () => ({ plugins: [], broken: [] }) }),
    ).rejects.toThrow(`${file} is not a file`);
  });

  it('up to a size that nobody writes by hand', async () => {
    expect(await problems(`# ${'x'.repeat(1024 * 1024)}`)).toEqual({
      code: 9001,
      lines: ['F has 1048578 bytes, 1048576 are allowed'],
    });
  });
});
