import type { Writable } from 'node:stream';
import type { LogEntry } from 'winston';
// The parts that are used: the whole takes 15 ms more at start, and 2 MB.
import createLogger from 'winston/lib/winston/create-logger.js';
import StreamTransport from 'winston/lib/winston/transports/stream.js';
import { complain } from './complain.ts';
import { LEVELS, type LogConfig } from './levels.ts';
import { LogFile } from './log-file.ts';
import { formatOf } from './log-format.ts';
import { Output } from './output.ts';

/** What may wait to be written: a file that hangs must not fill the memory. */
const MAX_WAITING_BYTES = 1024 * 1024;
const MAX_WAITING_LINES = 10_000;

/** Where lines go, whatever their level. */
export interface LogWriter {
  write(line: LogEntry): void;
  /** Tells of lines that were lost before they came here. */
  lost(lines: number): void;
  /** Whether everything is written. */
  idle(): boolean;
  end(): void;
}

/** Writes to `log_file`, or where that is empty to `output`: by default the standard one. */
export function openWriter(config: LogConfig, output?: Writable): LogWriter {
  const file = config.log_file === '' ? undefined : openFile(config);
  const sink = file ?? output ?? new Output({ descriptor: 1, onError: complain });
  const logger = createLogger({
    levels: LEVELS,
    // Who logs looks at the level.
    level: 'trace',
    format: formatOf(config.log_format),
  });
  // As winston adds a transport; but a stream that is to end another one looks at `process.stdout`.
  logger.pipe(new StreamTransport({ stream: sink, eol: '\n' }), { end: false });
  logger.on('error', complain);
  let lost = 0;

  const tellLost = () => {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    logger.log({ level: 'warn', message: 'log lines were dropped: too many at once', lines });
  };
  return {
    write(line) {
      if (sink.writableLength > MAX_WAITING_BYTES || logger.writableLength > MAX_WAITING_LINES) {
        lost++;
        return;
      }
      logger.log(line);
      tellLost();
    },
    lost(lines) {
      lost += lines;
      tellLost();
    },
    idle: () => logger.writableLength + sink.writableLength === 0,
    end: () => void file?.end(),
  };
}

function openFile(config: LogConfig): LogFile {
  return new LogFile({
    path: config.log_file,
    maxBytes: config.log_max_size_bytes,
    maxFiles: config.log_max_files,
    onError: complain,
  });
}
