#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { createGateway, DEFAULTS, type Gateway, LOG_LEVELS, type LogLevel } from './gateway.ts';

const HELP = `Usage: limiquantix-gateway [options]

The REST API of a node over the guest agents of its virtual machines.

  --vms-dir DIR        holds a socket VM_ID.agent.sock for each VM (${DEFAULTS.vmsDir})
  --listen ADDR:PORT   where to listen (${DEFAULTS.listen})
  --token-file FILE    the bearer token, made where there is none (${DEFAULTS.tokenFile})
  --allow-host HOST    take this Host header too, with or without a port; may be repeated
  --allow-remote       listen on an address that others can reach. There is no TLS
  --log-level LEVEL    ${LOG_LEVELS.join(', ')} (${DEFAULTS.logLevel})
  --version            print the version
  --help               print this
`;

/** After a signal the process is gone by then, whatever hangs. */
const EXIT_WITHIN_MS = 700;

const OPTIONS = {
  'vms-dir': { type: 'string' },
  listen: { type: 'string' },
  'token-file': { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
  'allow-remote': { type: 'boolean' },
  'log-level': { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

// The trickle of small messages of ten thousand VMs has V8 let its young generation grow, which takes
// 100 MiB and saves no time. npm's launcher has no place for --max-semi-space-size.
setFlagsFromString('--semi-space-growth-factor=1');

await main();

async function main(): Promise<void> {
  const gateway = fromCommandLine();
  if (!gateway) return;
  const stop = () => {
    setTimeout(() => process.exit(0), EXIT_WITHIN_MS).unref();
    void gateway.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await gateway.listen();
  } catch (error) {
    fail(1, error);
  }
}

/** @returns undefined where there is nothing to run */
function fromCommandLine(): Gateway | undefined {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (values.help) return print(HELP);
    if (values.version) return print(`${version()}\n`);
    return createGateway({
      vmsDir: values['vms-dir'],
      listen: values.listen,
      tokenFile: values['token-file'],
      allowHosts: values['allow-host'],
      allowRemote: values['allow-remote'],
      logLevel: logLevel(values['log-level']),
    });
  } catch (error) {
    fail(2, error);
    return undefined;
  }
}

function logLevel(text: string | undefined): LogLevel | undefined {
  if (text === undefined || LOG_LEVELS.includes(text as LogLevel)) return text as LogLevel;
  throw new Error(`--log-level ${text}: give one of ${LOG_LEVELS.join(', ')}`);
}

function version(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

function print(text: string): undefined {
  process.stdout.write(text);
}

function fail(exitCode: 1 | 2, error: unknown): void {
  const hint = exitCode === 2 ? ' (see --help)' : '';
  process.stderr.write(`limiquantix-gateway: ${(error as Error).message}${hint}\n`);
  process.exitCode = exitCode;
}
