import { AgentError, catalogueEntries } from '@limiquantix/agent-proto';
import { Agent } from './agent.ts';
import { type Arguments, HELP, parseArguments } from './arguments.ts';
import { type Configuration, readConfiguration, readOrDegrade } from './config/configuration.ts';
import { openLog } from './log/log.ts';
import { VERSION } from './version.ts';
import { ServiceManager } from './watch/service-manager.ts';

/** The end must come, even where a thread hangs in the kernel. */
const STOP_LIMIT_MS = 950;

async function main(): Promise<void> {
  let given: Arguments;
  try {
    given = parseArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`limiquantix-agent: ${(error as Error).message}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  switch (given.action) {
    case 'help':
      return print(HELP.trimEnd());
    case 'version':
      return print(VERSION);
    case 'errors':
      return print(JSON.stringify(catalogueEntries(), null, 2));
    case 'check-config':
      return checkConfig(given);
    case 'capabilities':
      return printCapabilities(given);
    case 'run':
      return run(given);
  }
}

async function run(given: Arguments): Promise<void> {
  const configuration = await readOrDegrade(given);
  const log = openLog(configuration.config);
  const agent = new Agent(configuration, log);
  const manager = new ServiceManager({ env: process.env, log });
  const stop = async (signal: string) => {
    log.info(`received ${signal}`);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_LIMIT_MS).unref();
    await Promise.all([agent.stop(), manager.stopping()]);
    await log.close();
    end();
  };
  const reload = async () => {
    void manager.reloading();
    const next = await readOrDegrade(given);
    await agent.reconfigure(next);
    void manager.ready(statusOf(next));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  // One after the other: the last one that was asked for is the one that counts.
  let reloaded = Promise.resolve();
  process.on('SIGHUP', () => {
    reloaded = reloaded.catch(() => undefined).then(reload);
  });
  // What a plugin's timer or emitter throws must not take the channel to the guest away.
  const stray = (kind: string) => (thrown: unknown) => {
    log.error(`${kind}: ${thrown}`, { stack: (thrown as Error | undefined)?.stack });
  };
  process.on('unhandledRejection', stray('unhandled rejection'));
  process.on('uncaughtException', stray('uncaught exception'));
  await agent.start();
  void manager.ready(statusOf(configuration));
}

/**
 * Exiting waits for all threads of the pool, also for one that waits for a filesystem that does not
 * answer; a signal does not, and to systemd this one is no failure.
 */
function end(): void {
  const waiting = process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'));
  if (!waiting) process.exit(0);
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}

function statusOf({ degraded }: Configuration): string {
  if (degraded) return 'the configuration is not right: see limiquantix-agent --check-config';
  return `version ${VERSION}`;
}

async function checkConfig(given: Arguments): Promise<void> {
  try {
    const { file, discovery } = await readConfiguration(given);
    for (const { error } of discovery.broken) process.stderr.write(`warning: ${error}\n`);
    print(file ? `${file}: ok` : 'ok: there is no file, the defaults hold');
  } catch (thrown) {
    reportAndFail(thrown);
  }
}

async function printCapabilities(given: Arguments): Promise<void> {
  try {
    const configuration = await readConfiguration(given);
    const log = openLog({ ...configuration.config, log_file: '' }, process.stderr);
    const answer = await new Agent(configuration, log).describe();
    const { toJson } = await import('@limiquantix/agent-proto/json');
    print(JSON.stringify(toJson('GetCapabilitiesResponse', answer), null, 2));
    await log.close();
  } catch (thrown) {
    reportAndFail(thrown);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function reportAndFail(thrown: unknown): void {
  const error = AgentError.from(thrown);
  process.stderr.write(`${error}\n${error.resolution}\n`);
  process.exitCode = 1;
}

void main();
