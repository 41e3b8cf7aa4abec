import type { Writable } from 'node:stream';
import type { LogFields, Logger } from '@limiquantix/plugin-sdk';
import type { LogEntry } from 'winston';
import { until } from '../until.ts';
import { complain } from './complain.ts';
import { HeldLines } from './held-lines.ts';
import { LEVELS, type Level, type LogConfig } from './levels.ts';
import type { LogWriter } from './log-writer.ts';

export type { LogConfig } from './levels.ts';

/** The agent's log. Its loggers stay valid when level or gate change. */
export interface Log extends Logger {
  /** A logger whose lines carry these fields too. */
  with(fields: LogFields): Logger;
  setLevel(level: Level): void;
  /**
   * Keeps lines in memory, for as long as a write could hang. Resolves when the file has
   * what was logged before.
   */
  hold(): Promise<void>;
  /** Writes what was held, with the time at which it was logged. */
  release(): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

/** What writes takes milliseconds to load: a host that waits for the agent is greeted first. */
const FIRST_WRITE_MS = 100;
/** How long the end of the log is waited for: an agent that stops is ended after a second. */
const CLOSE_LIMIT_MS = 500;
/** How long a file is waited for before filesystems are frozen. */
const WRITTEN_LIMIT_MS = 1000;

/** Writes to `log_file`, rotated by size and count, or to `output` where that is empty. */
export function openLog(config: LogConfig, output?: Writable): Log {
  let level: Level = config.log_level;
  let held: HeldLines<LogEntry> | undefined = new HeldLines();
  let writer: LogWriter | undefined;
  let opening: Promise<LogWriter> | undefined;
  let closed = false;

  const write: Write = (of, message, bound, fields) => {
    if (closed || LEVELS[of] > LEVELS[level]) return;
    const line = { ...bound, ...fields, level: of, message };
    if (held) held.add({ ...line, timestamp: new Date().toISOString() });
    else writer?.write(line);
  };
  const release = () => {
    if (!held || !writer) return;
    const { lines, dropped } = held;
    held = undefined;
    for (const line of lines) writer.write(line);
    writer.lost(dropped);
  };
  const open = async () => {
    const { openWriter } = await import('./log-writer.ts');
    writer = openWriter(config, output);
    release();
    return writer;
  };
  const opened = () => {
    clearTimeout(timer);
    opening ??= open();
    return opening;
  };
  const timer = setTimeout(() => void opened().catch(complain), FIRST_WRITE_MS);
  return {
    ...levelsOf(write, {}),
    with: (fields) => levelsOf(write, fields),
    setLevel(next) {
      level = next;
    },
    async hold() {
      const { idle } = await opened();
      held ??= new HeldLines();
      await until(idle, WRITTEN_LIMIT_MS);
    },
    release,
    async close() {
      const { idle, end } = await opened();
      release();
      await until(idle, CLOSE_LIMIT_MS);
      closed = true;
      end();
    },
  };
}

type Write = (level: Level, message: string, bound: LogFields, fields?: LogFields) => void;

function levelsOf(write: Write, bound: LogFields): Logger {
  const at = (level: Level) => (message: string, fields?: LogFields) =>
    write(level, message, bound, fields);
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
