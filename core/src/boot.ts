import { join } from 'node:path';
import { fromCodeCache } from './code-cache.ts';

// The program: all of it is in the bundle beside this one.
const bundle = join(__dirname, 'main.cjs');
const compiled = fromCodeCache(bundle);
if (compiled) compiled({}, require, { exports: {} }, bundle, __dirname);
else require(bundle);
