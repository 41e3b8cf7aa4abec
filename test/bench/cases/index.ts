import type { Case } from '../case.ts';
import { execute } from './execute.ts';
import { ping } from './ping.ts';
import { pingWhileReading } from './ping-while-reading.ts';
import { pipelined } from './pipelined.ts';
import { read } from './read.ts';
import { write } from './write.ts';

/** In the order in which they run. */
export const CASES: readonly Case[] = [ping, pipelined, read, pingWhileReading, write, execute];
