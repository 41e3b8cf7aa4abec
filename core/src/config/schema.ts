import { DEVICE_PATTERN, DEVICE_RULE } from '../channel/vsock-port.ts';
import { paths } from './paths.ts';

/** Of whatever platform; a service's working directory is nobody's choice. */
const ABSOLUTE = '^(/|[A-Za-z]:)';
const paths_ = { type: 'array', items: { type: 'string', minLength: 1 }, default: [] };
const flag = (value: boolean) => ({ type: 'boolean', default: value });
const whole = (value: number, minimum: number, maximum: number) => ({
  type: 'integer',
  minimum,
  maximum,
  default: value,
});

/** JSON schema (draft 7) of agent.yaml without the `plugins` section; fills in the defaults. */
export const CONFIG_SCHEMA: Readonly<Record<string, unknown>> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    telemetry_interval_secs: { type: 'number', minimum: 0.01, maximum: 3600, default: 5 },
    max_exec_timeout_secs: whole(300, 1, 86_400),
    max_chunk_size: whole(65_536, 4096, 1_048_576),
    log_level: { enum: ['trace', 'debug', 'info', 'warn', 'error'], default: 'info' },
    log_format: { enum: ['json', 'pretty'], default: 'json' },
    log_file: {
      type: 'string',
      pattern: `^$|${ABSOLUTE}`,
      description: 'an absolute path, or empty',
      default: '',
    },
    log_max_size_bytes: whole(10_485_760, 65_536, 1_073_741_824),
    log_max_files: whole(5, 1, 100),
    device_path: {
      type: 'string',
      minLength: 1,
      pattern: DEVICE_PATTERN,
      description: DEVICE_RULE,
      default: 'auto',
    },
    prefer_vsock: flag(false),
    vsock_allow_local: flag(false),
    framing: { enum: ['auto', 'plain', 'magic'], default: 'auto' },
    max_message_bytes: whole(4_194_304, 1_114_112, 16_777_216),
    pre_freeze_script_dir: { type: 'string', default: paths.preFreezeScripts },
    post_thaw_script_dir: { type: 'string', default: paths.postThawScripts },
    clipboard_monitoring: flag(true),
    disabled_capabilities: {
      type: 'array',
      // Which there are depends on the plugins: see load.ts.
      items: { type: 'string' },
      uniqueItems: true,
      default: [],
    },
    plugin_dirs: {
      type: 'array',
      items: { type: 'string', pattern: ABSOLUTE, description: 'an absolute path' },
      default: [],
    },
    // Each plugin's own schema is checked apart: see load.ts.
    plugins: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { enabled: { type: 'boolean' } } },
      default: {},
    },
    security: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        command_allowlist: paths_,
        command_blocklist: paths_,
        allow_file_write_paths: paths_,
        deny_file_read_paths: paths_,
        max_commands_per_minute: whole(0, 0, 1_000_000),
        max_file_ops_per_second: whole(0, 0, 1_000_000),
        audit_logging: flag(false),
        audit_log_file: {
          type: 'string',
          pattern: ABSOLUTE,
          description: 'an absolute path',
          default: paths.auditLog,
        },
      },
    },
    health: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        enabled: flag(true),
        interval_secs: whole(30, 1, 3600),
        telemetry_timeout_secs: whole(60, 1, 86_400),
      },
    },
  },
};
