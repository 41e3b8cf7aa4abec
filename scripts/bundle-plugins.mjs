// What esbuild does not do by itself when it bundles the core.
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Each package that is loaded by `import()`, and each of these files, stays out of the bundle: the
 * memory of an agent that never needs it does not hold even its text.
 * @param {readonly string[]} files of the source
 * @returns the plugin, and after the build what is apart: entry files by name
 */
export function apart(files) {
  const places = files.map((file) => resolve(file));
  const entries = new Map();
  const plugin = {
    name: 'apart',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ kind, path, resolveDir, importer, pluginData }) => {
        if (kind !== 'dynamic-import' || path.startsWith('node:') || pluginData === plugin) return;
        const found = await build.resolve(path, {
          kind,
          resolveDir,
          importer,
          pluginData: plugin,
        });
        if (path.startsWith('.') && !places.includes(found.path)) return;
        const name = nameOf(path);
        entries.set(name, found.path);
        return { path: `./${name}.cjs`, external: true };
      });
    },
  };
  return { plugin, entries };
}

/** A file's own name, or that of a package: with the part of it that one may ask for. */
function nameOf(path) {
  if (path.startsWith('.')) return basename(path, '.ts');
  return path.replace(/^@[^/]*\/|\/dist\/.*$/g, '').replaceAll('/', '-');
}

/** What packages bring along and the agent makes no use of. */
export function unused() {
  const instead = new Map([
    // Copies of Node's streams, which are loaded anyway.
    ['readable-stream', "module.exports = require('node:stream');"],
    [
      'readable-stream/lib/_stream_writable.js',
      "module.exports = require('node:stream').Writable;",
    ],
    // winston's own formats and colours, its search through logs, its catching of exceptions.
    ['logform', 'exports.levels = (known) => known;'],
    ['logform/json', ''],
    ['async/forEach', ''],
    ['stack-trace', ''],
    // cosmiconfig's places to search in and its own loaders; one file is asked for, with one loader.
    ['env-paths', ''],
    ['cosmiconfig/dist/defaults', ''],
    ['cosmiconfig/dist/util.js: fs', ''],
    // Bytes as text, and services, of protobufjs.
    ['protobufjs/src/util/base64', ''],
    ['protobufjs/src/util/eventemitter', ''],
    ['protobufjs/src/util/aspromise', ''],
    ['protobufjs/src/rpc', ''],
    // Only to warn of what tapable once had.
    ['tapable/lib/Hook.js: util', 'exports.deprecate = (known) => known;'],
    ['tapable/lib/HookMap.js: util', 'exports.deprecate = (known) => known;'],
    // A second way to hold 64 bits, which starts WebAssembly; ours is a bigint.
    ['long', ''],
  ]);
  return {
    name: 'unused',
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, importer, resolveDir }) => {
        const file = path.startsWith('.') ? join(resolveDir, path) : `${importer}: ${path}`;
        const id = [path, inPackage(file)].find((known) => instead.has(known));
        return id && { path: id, namespace: 'unused' };
      });
      build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
        contents: instead.get(path),
      }));
    },
  };
}

function inPackage(file) {
  return file.split('/node_modules/').at(-1);
}

/** @param contents gives the module that takes the place of a file of the source */
export function replaced(file, contents) {
  const place = resolve(file);
  return {
    name: 'replaced',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
        path === place
          ? { contents: contents(), resolveDir: dirname(path), loader: 'js' }
          : undefined,
      );
    },
  };
}
