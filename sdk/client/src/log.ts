/** Facts of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the client tells what happens to its connection; any logger of these five methods fits. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
