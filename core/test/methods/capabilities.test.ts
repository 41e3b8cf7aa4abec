import type { Capabilities } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/config/load.ts';
import { capabilitiesOf } from '../../src/methods/capabilities.ts';
import { PluginBench } from '../plugins.ts';

/** Two plugins, and perhaps a tap of what they can do. */
async function found(tap?: (found: Capabilities) => Capabilities, config = {}) {
  const bench = new PluginBench();
  bench
    .write('execute', {
      manifest: { provides: ['execute'], features: { user_context_exec: 'true' } },
      code: 'return {};',
    })
    .write('file', { manifest: { provides: ['file_read', 'file_write'] }, code: 'return {};' });
  const defaults = await defaultConfig();
  const registry = await bench.registry({
    coreTaps: (hooks) => tap && hooks.capabilities.tap('test', tap),
  });
  await registry.start();
  await registry.disable('file');
  return {
    bench,
    registry,
    ask: () => capabilitiesOf(registry, { ...defaults, ...config }, bench.log),
  };
}

describe('capabilities', () => {
  it('are those of the plugins that serve', async () => {
    const { ask, registry } = await found();
    expect(ask()).toMatchObject({
      version: '0.0.0-source',
      os: process.platform === 'win32' ? 'windows' : process.platform,
      capabilities: ['execute'],
      features: { user_context_exec: 'true' },
      maxMessageBytes: 4_194_304,
      maxChunkBytes: 4_194_304 - 65_536,
    });
    await registry.enable('file');
    expect(ask().capabilities).toEqual(['execute', 'file_read', 'file_write']);
    expect(ask().plugins?.map(({ name }) => name)).toEqual(['execute', 'file']);
  });

  it('that are disabled are not said', async () => {
    const { ask, registry } = await found(undefined, { disabled_capabilities: ['file_write'] });
    await registry.enable('file');
    expect(ask().capabilities).toEqual(['execute', 'file_read']);
  });

  it('may be taken away by a tap, and annotated', async () => {
    const { ask } = await found(() => ({ capabilities: [], features: { why: 'not today' } }));
    expect(ask()).toMatchObject({ capabilities: [], features: { why: 'not today' } });
  });

  it('cannot be invented by a tap', async () => {
    const { ask } = await found((said) => ({
      ...said,
      capabilities: [...said.capabilities, 'flying'],
    }));
    expect(ask().capabilities).toEqual(['execute']);
  });

  it('are said all the same where a tap throws', async () => {
    const { ask, bench } = await found(() => {
      throw new Error('bug');
    });
    expect(ask().capabilities).toEqual(['execute']);
    expect(bench.log.entries.at(-1)?.message).toContain('a tap of capabilities threw: Error: bug');
  });
});
