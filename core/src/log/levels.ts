import type { Config } from '../config/config.ts';

export type LogConfig = Pick<
  Config,
  'log_level' | 'log_format' | 'log_file' | 'log_max_size_bytes' | 'log_max_files'
>;

/** By their weight: those above the configured one are left out. */
export const LEVELS = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 } as const;
export type Level = keyof typeof LEVELS;
