import type { LogFields, Logger } from '@limiquantix/plugin-sdk';
import winston from 'winston';
import type { Config } from './config/config.ts';
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
  /** Keeps lines in memory, for as long as a write could hang. */
  hold(): void;
  release(): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 } as const;
type Level = keyof typeof LEVELS;

/** Writes to `log_file`, rotated by size and count, or to stdout where that is empty. */
export function openLog(config: LogConfig): Log {
  const { format, transports } = winston;
  const logger = winston.createLogger({
    levels: LEVELS,
    level: config.log_level,
    format:
      config.log_format === 'pretty'
        ? format.combine(format.timestamp(), format.printf(prettyLine))
        : format.combine(format.timestamp(), format.json()),
    transports: [
      config.log_file === ''
        ? new transports.Stream({ stream: process.stdout, eol: '\n' })
        : new transports.File({
            filename: config.log_file,
            maxsize: config.log_max_size_bytes,
            maxFiles: config.log_max_files,
            tailable: true,
            options: { flags: 'a', mode: 0o640 },
          }),
    ],
  });
  // A log that cannot be written must not stop the agent; stderr is what is left to say so.
  logger.on('error', (error: Error) => process.stderr.write(`log: ${error.message}\n`));
  let held = false;

  const write = (level: Level, message: string, fields: LogFields) => {
    if (LEVELS[level] <= LEVELS[logger.level as Level]) logger.log({ ...fields, level, message });
  };
  return {
    ...levelsOf(write, {}),
    with: (fields) => levelsOf(write, fields),
    setLevel(level) {
      logger.level = level;
    },
    hold() {
      if (!held) logger.cork();
      held = true;
    },
    release() {
      if (held) logger.uncork();
      held = false;
    },
    close: () =>
      new Promise((resolve) => {
        logger.once('finish', () => resolve());
        logger.end();
      }),
  };
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
