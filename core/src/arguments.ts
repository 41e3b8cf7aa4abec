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

/** By name, whether it takes a value. */
const OPTIONS: ReadonlyMap<string, boolean> = new Map([
  ...(['config', 'device', 'log-level'] as const).map((name) => [name, true] as const),
  ...ACTIONS.map((name) => [name, false] as const),
]);

/** @throws Error with a text for the user where the command line is not right */
export function parseArguments(argv: readonly string[]): Arguments {
  const values = valuesOf(argv);
  for (const option of ['config', 'device'] as const) {
    if (values.get(option) === '') throw new Error(`--${option} needs a value`);
  }
  const device = values.get('device');
  if (device !== undefined && !new RegExp(DEVICE_PATTERN).test(device)) {
    throw new Error(`--device must be ${DEVICE_RULE}`);
  }
  const level = LEVELS.find((known) => known === values.get('log-level'));
  if (values.has('log-level') && level === undefined) {
    throw new Error(`--log-level must be one of ${LEVELS.join(', ')}`);
  }
  return {
    action: ACTIONS.find((action) => values.has(action)) ?? 'run',
    config: values.get('config'),
    device,
    logLevel: level,
  };
}

/**
 * As `util.parseArgs` has it, which takes a millisecond of each start.
 * @returns what the command line says, by option
 */
function valuesOf(argv: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-h') word = '--help';
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (!word.startsWith('-')) throw new Error(`Unexpected argument '${word}'`);
    const takesValue = OPTIONS.get(name);
    if (takesValue === undefined) throw new Error(`Unknown option '${word}'`);
    if (!takesValue && value !== undefined) {
      throw new Error(`Option '--${name}' does not take an argument`);
    }
    const given = takesValue ? (value ?? rest.shift()) : '';
    if (given === undefined || (value === undefined && given.startsWith('-'))) {
      throw new Error(`Option '--${name} <value>' argument missing`);
    }
    values.set(name, given);
  }
  return values;
}
