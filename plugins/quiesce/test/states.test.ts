import { Thaw } from '@limiquantix/plugin-sdk';
import type { TestHost } from '@limiquantix/plugin-sdk/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { whyNoMounts, writing } from '../../../test/support/mounts.ts';
import { labForEach, quiesce } from './plugin.ts';

const why = whyNoMounts();
const lab = labForEach();

describe.skipIf(why)(`states ${why}`, () => {
  let data: string;
  let host: TestHost;
  beforeEach(async () => {
    data = lab.mounts.make('ext4', 'data');
    host = await lab.plugin.start();
  });

  it('a freeze has to be over before the next', async () => {
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
    const first = quiesce(host, { mountPoints: [data] });
    await expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({ code: 5007 });
    await first;
    await expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({ code: 5007 });
    const thawing = host.call(Thaw, {});
    await expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({ code: 5007 });
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
    await thawing;
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
    await quiesce(host, { mountPoints: [data] });
    await host.call(Thaw, {});
  });

  it('a wrong token thaws nothing, the right one and none do', async () => {
    const first = await quiesce(host, { mountPoints: [data] });
    const second = host.call(Thaw, { quiesceToken: 'x' });
    await expect(second).rejects.toMatchObject({
      code: 5006,
      resolution: expect.stringContaining('or none'),
    });
    await host.call(Thaw, { quiesceToken: first.quiesceToken });
    const next = await quiesce(host, { mountPoints: [data] });
    expect(next.quiesceToken).not.toBe(first.quiesceToken);
    await expect(host.call(Thaw, { quiesceToken: first.quiesceToken })).rejects.toMatchObject({
      code: 5006,
    });
    await host.call(Thaw, {});
  });

  it('some can be thawed before the others', async () => {
    const other = lab.mounts.make('ext4', 'other');
    const written = await lab.mounts.writersOn(data, other);
    await quiesce(host, { mountPoints: [data, other] });
    await expect(host.call(Thaw, { mountPoints: [other, '/no/such'] })).rejects.toMatchObject({
      code: 5006,
      message: expect.stringContaining('/no/such'),
    });
    const first = await host.call(Thaw, { mountPoints: [other] });
    expect(first.thawedMountPoints).toEqual([other]);
    expect(await writing(written)).toEqual([false, true]);
    await expect(host.call(Thaw, { mountPoints: [other] })).rejects.toMatchObject({ code: 5006 });
    const last = await host.call(Thaw, { mountPoints: [data] });
    expect(last).toMatchObject({
      thawedMountPoints: [data],
      frozenDurationMs: first.frozenDurationMs,
    });
    expect(await writing(written)).toEqual([true, true]);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
  });

  it('one that lies in another cannot be thawed before that one', async () => {
    const inner = lab.mounts.makeInside(data, 'inner');
    const written = await lab.mounts.writersOn(data, inner);
    await quiesce(host, { mountPoints: [data, inner] });
    await expect(host.call(Thaw, { mountPoints: [inner] })).rejects.toMatchObject({
      code: 5006,
      message: expect.stringContaining('lie in a file of one that is frozen'),
    });
    await host.call(Thaw, {});
    expect(await writing(written)).toEqual([true, true]);
  });

  it('nothing is frozen while the rest of the agent cannot stop writing', async () => {
    const written = await lab.mounts.writersOn(data);
    host.hooks.freezing.tapPromise('stubborn', () => Promise.reject(new Error('cannot stop')));
    await expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining('cannot stop'),
    });
    expect(await writing(written)).toEqual([true]);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
  });

  it('hooks run around the freeze: before it, and after the thaw', async () => {
    const order: string[] = [];
    const written = await lab.mounts.writersOn(data);
    host.hooks.freezing.tapPromise('test', async () => {
      order.push(`freezing, writable: ${await writing(written)}`);
    });
    host.hooks.thawed.tap('test', () => order.push('thawed'));
    await quiesce(host, { mountPoints: [data] });
    expect(order).toEqual(['freezing, writable: true']);
    await host.call(Thaw, {});
    expect(order).toEqual(['freezing, writable: true', 'thawed']);
  });

  it('a thaw calls off the quiesce that is still being served', async () => {
    const written = await lab.mounts.writersOn(data);
    const held = Promise.withResolvers<void>();
    host.hooks.freezing.tapPromise('test', () => held.promise);
    const rejected = expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining('thawed'),
    });
    // That of another freeze may not.
    await expect(host.call(Thaw, { quiesceToken: 'x' })).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('still being served'),
    });
    await expect(host.call(Thaw, {})).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('called off'),
    });
    held.resolve();
    await rejected;
    expect(await writing(written)).toEqual([true]);
    await quiesce(host, { mountPoints: [data] });
    await host.call(Thaw, {});
  });

  it('a cancelled quiesce leaves nothing frozen', async () => {
    const abort = new AbortController();
    const rejected = expect(quiesce(host, { mountPoints: [data] }, abort)).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining('cancelled'),
    });
    abort.abort();
    await rejected;
    await quiesce(host, { mountPoints: [data] });
    await host.call(Thaw, {});
  });
});
