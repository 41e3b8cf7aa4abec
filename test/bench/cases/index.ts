import type { Case } from '../case.ts';
import { disk } from './disk.ts';
import { execute } from './execute.ts';
import { fleet, largeFleet } from './fleet.ts';
import { guest } from './guest.ts';
import { idle } from './idle.ts';
import { ping } from './ping.ts';
import { pingWhileReading } from './ping-while-reading.ts';
import { pipelined } from './pipelined.ts';
import { processes } from './processes.ts';
import { read } from './read.ts';
import { rest } from './rest.ts';
import { start } from './start.ts';
import { telemetry } from './telemetry.ts';
import { write } from './write.ts';

/** In the order in which they run. */
export const CASES: readonly Case[] = [
  ping,
  pipelined,
  read,
  pingWhileReading,
  write,
  execute,
  processes,
  telemetry,
  idle,
  start,
  rest,
  fleet,
  largeFleet,
  disk,
  guest,
];
