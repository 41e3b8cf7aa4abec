import type { Case } from '../case.ts';
import { ping } from './ping.ts';
import { pipelined } from './pipelined.ts';
import { read } from './read.ts';
import { write } from './write.ts';

/** In the order in which they run. */
export const CASES: readonly Case[] = [ping, pipelined, read, write];
