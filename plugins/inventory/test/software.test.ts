import { encode, responseCodec } from '@limiquantix/agent-proto/codec';
import { AgentError, ListInstalledSoftware } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import { FakeDatabase, softwareOf, somePackage } from './packages.ts';

const ALL = { filter: '', maxEntries: 0 };
const names = (found: readonly { readonly name?: string | undefined }[] | undefined) =>
  found?.map(({ name }) => name);

test('lists by name, the databases of all package managers together', async () => {
  const { software } = softwareOf([
    new FakeDatabase([somePackage('zsh'), somePackage('bash')]),
    new FakeDatabase([somePackage('kernel', { packageType: 'rpm' }), somePackage('bash-doc')]),
  ]);
  const answer = await software.list(ALL);
  expect(names(answer.software)).toEqual(['bash', 'bash-doc', 'kernel', 'zsh']);
  expect(answer.totalCount).toBe(4);
});

test('what is installed for two architectures is there twice, always in the same order', async () => {
  const packages = ['i386', 'amd64'].map((architecture) => somePackage('libc6', { architecture }));
  const { software } = softwareOf([new FakeDatabase(packages)]);
  const answer = await software.list(ALL);
  expect(answer.software?.map(({ architecture }) => architecture)).toEqual(['amd64', 'i386']);
});

test('a filter is a part of the name, in any case', async () => {
  const { software } = softwareOf([
    new FakeDatabase(['libssl3', 'OpenSSL', 'bash'].map((name) => somePackage(name))),
  ]);
  const answer = await software.list({ filter: 'sSl', maxEntries: 0 });
  expect(names(answer.software)).toEqual(['OpenSSL', 'libssl3']);
  expect(answer.totalCount).toBe(2);
});

test('a filter is no pattern', async () => {
  const { software } = softwareOf([
    new FakeDatabase(['libstdc++6', 'libc6'].map((name) => somePackage(name))),
  ]);
  expect(names((await software.list({ filter: 'c++', maxEntries: 0 })).software)).toEqual([
    'libstdc++6',
  ]);
  expect((await software.list({ filter: '.*', maxEntries: 0 })).totalCount).toBe(0);
});

test('max_entries cuts after sorting; the count is that of all', async () => {
  const { software } = softwareOf([
    new FakeDatabase(['c', 'a', 'b'].map((name) => somePackage(name))),
  ]);
  const answer = await software.list({ filter: '', maxEntries: 2 });
  expect(names(answer.software)).toEqual(['a', 'b']);
  expect(answer.totalCount).toBe(3);
});

const many = Array.from({ length: 12_000 }, (_, n) =>
  somePackage(`package-${String((n * 7919) % 12_000).padStart(5, '0')}`),
);

test('an answer holds 5000 at the most, in order', async () => {
  const { software } = softwareOf([new FakeDatabase(many)]);
  const answer = await software.list({ filter: '', maxEntries: 1_000_000 });
  expect(answer.totalCount).toBe(12_000);
  expect(names(answer.software)).toEqual(
    many
      .map(({ name }) => name)
      .sort()
      .slice(0, 5000),
  );
});

test('an answer fits into a message', async () => {
  const maxMessageBytes = 1_114_112;
  const long = many.map((found) => ({ ...found, publisher: 'ä'.repeat(500) }));
  const { software } = softwareOf([new FakeDatabase(long)], { maxMessageBytes });
  const answer = await software.list(ALL);
  const bytes = encode(responseCodec(ListInstalledSoftware), answer).length;
  expect(bytes).toBeLessThan(maxMessageBytes);
  expect(bytes).toBeGreaterThan(maxMessageBytes * 0.8);
  expect(answer.totalCount).toBe(12_000);
});

test('a database is read again when it changed, and not before', async () => {
  const database = new FakeDatabase([somePackage('bash')]);
  const { software } = softwareOf([database]);
  await Promise.all([software.list(ALL), software.list(ALL)]);
  await software.list({ filter: 'x', maxEntries: 0 });
  expect(database.reads).toBe(1);
  database.packages.push(somePackage('zsh'));
  database.current = '2';
  expect(names((await software.list(ALL)).software)).toEqual(['bash', 'zsh']);
  expect(database.reads).toBe(2);
});

test('what could not be read fails, and is tried again', async () => {
  const database = new FakeDatabase([somePackage('bash')]);
  let broken = true;
  const read = database.read.bind(database);
  database.read = () => {
    if (broken) throw new AgentError('INTERNAL_ERROR', { detail: 'torn' });
    return read();
  };
  const { software } = softwareOf([database]);
  await expect(software.list(ALL)).rejects.toThrow('torn');
  broken = false;
  expect((await software.list(ALL)).totalCount).toBe(1);
});

test('a guest without a package manager has nothing installed, and the log says why', async () => {
  const nobody = new FakeDatabase([]);
  nobody.current = '';
  const { software, log } = softwareOf([nobody]);
  expect(await software.list(ALL)).toEqual({ software: [], totalCount: 0 });
  expect(nobody.reads).toBe(0);
  expect(log.entries.map(({ message }) => message)).toEqual(['the guest has no package manager']);
});

test('a call that is cancelled ends at once', async () => {
  const host = await testHost(plugin, { package: manifest });
  onTestFinished(() => host.stop());
  const cancelled = new AbortController();
  const call = host.call(ListInstalledSoftware, ALL, { signal: cancelled.signal });
  cancelled.abort();
  await expect(call).rejects.toThrow('aborted');
  expect((await host.call(ListInstalledSoftware, ALL)).software.length).toBeGreaterThan(0);
});

test('sorting a long list leaves the event loop its turns', async () => {
  const { software } = softwareOf([new FakeDatabase(many)]);
  let turns = 0;
  const counting = setImmediate(function count() {
    turns++;
    again = setImmediate(count);
  });
  let again = counting;
  onTestFinished(() => clearImmediate(again));
  await software.list(ALL);
  // Twelve parts, and as many merges but one.
  expect(turns).toBeGreaterThan(20);
});
