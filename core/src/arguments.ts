import { parseArgs } from 'node:util';
import { DEVICE_PATTERN, DEVICE_RULE } from './channel/vsock-port.ts';
import type { Config } from './config/config.ts';

export type Action = 'run' | 'check-config' | 'capabilities' | 'errors' | 'version' | 'help';

export interface Arguments {
  readonly action: Action;
  /** Undefined: the platform's own place. */
  readonly config: string | undefined;
  /** Overrides `device_path`. */
  readonly device: string | undefined;
  /** Overrides `log_level`. */
  readonly logLevel: Config['log_level'] | undefined;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
const ACTIONS = ['help', 'version', 'errors', 'check-config', 'capabilities'] as const;

export const HELP = `Usage: limiquantix-agent [options]

The Limiquantix guest agent: serves the hypervisor's host from inside a virtual machine.

Options:
  --config FILE       configuration (default /etc/limiquantix/agent.yaml)
  --device DEVICE     auto, the path of a virtio-serial port, unix:/path or vsock:PORT
  --log-level LEVEL   trace, debug, info, warn or error
  --check-config      check the configuration, print what is wrong, and exit
  --capabilities      print what the agent can do on this guest as JSON, and exit
  --errors            print every error code as JSON, and exit
  --version           print the version, and exit
  --help, -h          print this, and exit

Signals:
  SIGHUP              read the configuration again
  SIGTERM, SIGINT     stop

Exit codes:
  0 success, 1 the configuration is not right, 2 wrong usage
`;

/** @throws Error with a text for the user where the command line is not right */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      config: { type: 'string' },
      device: { type: 'string' },
      'log-level': { type: 'string' },
      'check-config': { type: 'boolean' },
      capabilities: { type: 'boolean' },
      errors: { type: 'boolean' },
      version: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  for (const option of ['config', 'device'] as const) {
    if (values[option] === '') throw new Error(`--${option} needs a value`);
  }
  if (values.device !== undefined && !new RegExp(DEVICE_PATTERN).test(values.device)) {
    throw new Error(`--device must be ${DEVICE_RULE}`);
  }
  const level = LEVELS.find((known) => known === values['log-level']);
  if (values['log-level'] !== undefined && level === undefined) {
    throw new Error(`--log-level must be one of ${LEVELS.join(', ')}`);
  }
  return {
    action: ACTIONS.find((action) => values[action]) ?? 'run',
    config: values.config,
    device: values.device,
    logLevel: level,
  };
}
