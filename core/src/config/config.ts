/** What the policies of the `security` section restrict. Empty lists and 0 restrict nothing. */
export interface SecurityConfig {
  readonly command_allowlist: readonly string[];
  readonly command_blocklist: readonly string[];
  readonly allow_file_write_paths: readonly string[];
  readonly deny_file_read_paths: readonly string[];
  readonly max_commands_per_minute: number;
  readonly max_file_ops_per_second: number;
  readonly audit_logging: boolean;
  readonly audit_log_file: string;
}

export interface HealthConfig {
  readonly enabled: boolean;
  readonly interval_secs: number;
  readonly telemetry_timeout_secs: number;
}

/** `plugins.<name>`: whether it runs, and its own settings. */
export interface PluginSection {
  readonly enabled?: boolean;
  readonly [setting: string]: unknown;
}

/** agent.yaml with its defaults filled in; the keys are the file's. */
export interface Config {
  readonly telemetry_interval_secs: number;
  readonly max_exec_timeout_secs: number;
  readonly max_chunk_size: number;
  readonly log_level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly log_format: 'json' | 'pretty';
  readonly log_file: string;
  readonly log_max_size_bytes: number;
  readonly log_max_files: number;
  readonly device_path: string;
  readonly prefer_vsock: boolean;
  readonly vsock_allow_local: boolean;
  readonly framing: 'auto' | 'plain' | 'magic';
  readonly max_message_bytes: number;
  readonly pre_freeze_script_dir: string;
  readonly post_thaw_script_dir: string;
  readonly clipboard_monitoring: boolean;
  readonly disabled_capabilities: readonly string[];
  readonly plugin_dirs: readonly string[];
  readonly plugins: Readonly<Record<string, PluginSection>>;
  readonly security: SecurityConfig;
  readonly health: HealthConfig;
}
