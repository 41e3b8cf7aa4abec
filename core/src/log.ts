import type { Duplex, Writable } from 'node:stream';
import type { LogFields, Logger } from '@limiquantix/plugin-sdk';
import winston from 'winston';
import type { Config } from './config/config.ts';
import { HeldLines } from './held-lines.ts';
import { prettyLine } from './log-format.ts';

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

/** Writes to `log_file`, rotated by size and count, or to `output` where that is empty. */
export function openLog(config: LogConfig, output: NodeJS.WritableStream = process.stdout): Log {
  const { format } = winston;
  const file = config.log_file === '' ? undefined : openFile(config);
  const logger = winston.createLogger({
    levels: LEVELS,
    level: config.log_level,
    format:
      config.log_format === 'pretty'
        ? format.combine(format.timestamp(), format.printf(prettyLine))
        : format.combine(format.timestamp(), format.json()),
    transports: [file ?? new winston.transports.Stream({ stream: output, eol: '\n' })],
  });
  // A log that cannot be written must not stop the agent; stderr is what is left to say so.
  logger.on('error', (error: Error) => process.stderr.write(`log: ${error.message}\n`));
  let held: HeldLines<winston.LogEntry> | undefined;

  const write = (level: Level, message: string, fields: LogFields) => {
    if (LEVELS[level] > LEVELS[logger.level as Level]) return;
    const line = { ...fields, level, message };
    if (held) held.add({ ...line, timestamp: new Date().toISOString() });
    else logger.log(line);
  };
  const release = () => {
    if (!held) return;
    const { lines, dropped } = held;
    held = undefined;
    for (const line of lines) logger.log(line);
    if (dropped > 0) write('warn', 'log lines were dropped: too many at once', { lines: dropped });
  };
  return {
    ...levelsOf(write, {}),
    with: (fields) => levelsOf(write, fields),
    setLevel(level) {
      logger.level = level;
    },
    async hold() {
      held ??= new HeldLines();
      if (file) await written(file);
    },
    release,
    close: () =>
      new Promise((resolve) => {
        release();
        logger.once('finish', () => resolve());
        logger.end();
      }),
  };
}

function openFile(config: LogConfig): winston.transports.FileTransportInstance {
  return new winston.transports.File({
    filename: config.log_file,
    maxsize: config.log_max_size_bytes,
    maxFiles: config.log_max_files,
    tailable: true,
    options: { flags: 'a', mode: 0o640 },
  });
}

/** A log that cannot be written is no reason to wait longer. */
const WRITTEN_LIMIT_MS = 1000;

/** winston has no way to ask for this; it can only be seen from what its file streams hold. */
async function written(file: winston.transports.FileTransportInstance): Promise<void> {
  const deadline = performance.now() + WRITTEN_LIMIT_MS;
  while (unwritten(file as unknown as FileStreams) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface FileStreams {
  readonly _opening: boolean;
  readonly _rotate?: boolean;
  readonly _stream: Duplex;
  readonly _dest?: Writable;
}

function unwritten({ _opening, _rotate, _stream, _dest }: FileStreams): boolean {
  if (_opening || _rotate || !_dest) return true;
  return _stream.writableLength + _stream.readableLength + _dest.writableLength > 0;
}

function levelsOf(
  write: (level: Level, message: string, fields: LogFields) => void,
  bound: LogFields,
): Logger {
  const at = (level: Level) => (message: string, fields?: LogFields) =>
    write(level, message, { ...bound, ...fields });
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
