import type { Writable } from 'node:stream';
import type { LogFields, Logger } from '@limiquantix/plugin-sdk';
import type { LogEntry } from 'winston';
// The parts that are used: the whole takes 15 ms more at start, and 2 MB.
import createLogger from 'winston/lib/winston/create-logger.js';
import StreamTransport from 'winston/lib/winston/transports/stream.js';
import type { Config } from '../config/config.ts';
import { until } from '../until.ts';
import { HeldLines } from './held-lines.ts';
import { LogFile } from './log-file.ts';
import { formatOf } from './log-format.ts';
import { Output } from './output.ts';

export type LogConfig = Pick<
  Config,
  'log_level' | 'log_format' | 'log_file' | 'log_max_size_bytes' | 'log_max_files'
>;

/** The agent's log. Its loggers stay valid when level or gate change. */
export interface Log extends Logger {
  /** A logger whose lines carry these fields too. */
  with(fields: LogFields): Logger;
  setLevel(level: Config['log_level']): void;
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

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 } as const;
type Level = keyof typeof LEVELS;

/** What may wait to be written: a file that hangs must not fill the memory. */
const MAX_WAITING_BYTES = 1024 * 1024;
const MAX_WAITING_LINES = 10_000;
/** How long the end of the log is waited for: an agent that stops is ended after a second. */
const CLOSE_LIMIT_MS = 500;
/** How long a file is waited for before filesystems are frozen. */
const WRITTEN_LIMIT_MS = 1000;

/** Writes to `log_file`, rotated by size and count, or to `output` where that is empty. */
export function openLog(config: LogConfig, output: Writable = standardOutput()): Log {
  const sink = config.log_file === '' ? output : openFile(config);
  const logger = createLogger({
    levels: LEVELS,
    level: config.log_level,
    format: formatOf(config.log_format),
  });
  // As winston adds a transport; but a stream that is to end another one looks at `process.stdout`.
  logger.pipe(new StreamTransport({ stream: sink, eol: '\n' }), { end: false });
  logger.on('error', complain);
  let held: HeldLines<LogEntry> | undefined;
  let lost = 0;
  let closed = false;

  const log = (line: LogEntry) => {
    if (closed) return;
    if (sink.writableLength > MAX_WAITING_BYTES || logger.writableLength > MAX_WAITING_LINES) {
      lost++;
      return;
    }
    logger.log(line);
    tellLost();
  };
  const tellLost = () => {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    logger.log({ level: 'warn', message: 'log lines were dropped: too many at once', lines });
  };
  const write: Write = (level, message, bound, fields) => {
    if (LEVELS[level] > LEVELS[logger.level as Level]) return;
    const line = { ...bound, ...fields, level, message };
    if (held) held.add({ ...line, timestamp: new Date().toISOString() });
    else log(line);
  };
  const release = () => {
    if (!held) return;
    const { lines, dropped } = held;
    held = undefined;
    for (const line of lines) log(line);
    lost += dropped;
    tellLost();
  };
  const idle = () => logger.writableLength + sink.writableLength === 0;
  return {
    ...levelsOf(write, {}),
    with: (fields) => levelsOf(write, fields),
    setLevel(level) {
      logger.level = level;
    },
    async hold() {
      held ??= new HeldLines();
      await until(idle, WRITTEN_LIMIT_MS);
    },
    release,
    async close() {
      release();
      await until(idle, CLOSE_LIMIT_MS);
      closed = true;
      if (sink !== output) sink.end();
    },
  };
}

function standardOutput(): Output {
  return new Output({ descriptor: 1, onError: complain });
}

function openFile(config: LogConfig): LogFile {
  return new LogFile({
    path: config.log_file,
    maxBytes: config.log_max_size_bytes,
    maxFiles: config.log_max_files,
    onError: complain,
  });
}

/** A log that cannot be written must not stop the agent; stderr is what is left to say so. */
function complain({ message }: Error): void {
  process.stderr.write(`limiquantix-agent: the log cannot be written: ${message}\n`);
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
