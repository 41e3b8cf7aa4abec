import { readFileSync } from 'node:fs';
import { Bench } from 'tinybench';
import { parseStat, readStat } from '../src/linux/stat.ts';

const line = readFileSync('/proc/self/stat');

export const bench: Bench = new Bench({ name: 'stat of a process' })
  .add('parse', () => {
    parseStat(line);
  })
  .add('read and parse', () => {
    readStat('/proc/self/stat');
  });
