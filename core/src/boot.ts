import { join } from 'node:path';
import { fromCodeCache } from './code-cache.ts';

const loaded = new Map<string, object>();

/** As `require`, but what is beside this file is loaded the shorter way. */
function load(id: string): unknown {
  if (!id.startsWith('./')) return require(id);
  const known = loaded.get(id);
  if (known) return known;
  const bundle = join(__dirname, id);
  const compiled = fromCodeCache(bundle);
  if (!compiled) return require(bundle);
  const module = { exports: {} };
  compiled(module.exports, load, module, bundle, __dirname);
  loaded.set(id, module.exports);
  return module.exports;
}

// The program: all of it is in the bundle beside this one.
load('./main.cjs');
