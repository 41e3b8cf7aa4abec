import { AgentClient, type Logger } from '@limiquantix/agent-client';
import type { FastifyBaseLogger } from 'fastify';
import { Arrivals } from './arrivals.ts';
import { hostCheck } from './host-check.ts';
import {
  hostAndPort,
  isLoopback,
  type ListenAddress,
  parseListenAddress,
} from './listen-address.ts';
import { createServer } from './server.ts';
import { bearerCheck, loadToken } from './token.ts';
import { Vms } from './vms.ts';

export interface GatewayOptions {
  /** Holds a socket `{vm_id}.agent.sock` for each VM. @default /var/run/limiquantix/vms */
  readonly vmsDir?: string | undefined;
  /** ADDRESS:PORT; port 0 is any that is free. @default 127.0.0.1:9180 */
  readonly listen?: string | undefined;
  /** Made where it does not exist. @default /etc/limiquantix/gateway.token */
  readonly tokenFile?: string | undefined;
  /** Host headers taken besides those of this machine: a name, or a name and port. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Listens beyond this machine. There is no TLS: the token and all data cross the network readable. */
  readonly allowRemote?: boolean | undefined;
  /** @default info */
  readonly logLevel?: LogLevel | undefined;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DEFAULTS = {
  vmsDir: '/var/run/limiquantix/vms',
  listen: '127.0.0.1:9180',
  tokenFile: '/etc/limiquantix/gateway.token',
  logLevel: 'info',
} as const;

/** How long calls have to finish at the end; then their callers are told that they did not. */
const CLOSE_GRACE_MS = 500;
/** How long that may take. */
const CLOSE_ANSWER_MS = 150;

/** The REST API of a node over the agents of its VMs. */
export interface Gateway {
  /** @returns the address, such as `http://127.0.0.1:9180` @throws Error in an operator's terms */
  listen(): Promise<string>;
  /** Ends every connection within a second. */
  close(): Promise<void>;
  /** Undefined while it does not listen. */
  readonly address: string | undefined;
  readonly tokenFile: string;
}

/** @throws Error where the options cannot be right */
export function createGateway(options: GatewayOptions = {}): Gateway {
  const wanted = parseListenAddress(options.listen ?? DEFAULTS.listen);
  if (!isLoopback(wanted.host) && !options.allowRemote) {
    throw new Error(
      `refusing to listen on ${wanted.host}, which others can reach: there is no TLS, so the token and all data would cross the network readable. Put a TLS proxy in front, or use --allow-remote`,
    );
  }
  const tokenFile = options.tokenFile ?? DEFAULTS.tokenFile;
  const directory = options.vmsDir ?? DEFAULTS.vmsDir;
  // Both are known only when it listens.
  let hostAllowed: ReturnType<typeof hostCheck> = () => false;
  let tokenRight: ReturnType<typeof bearerCheck> = () => false;
  let address: string | undefined;

  const vms = new Vms({
    directory,
    connect: (vmId, path) => {
      const client = new AgentClient({ path, log: vmLog(app.log, vmId) });
      client.onState((state) => {
        if (state === 'connected') arrivals.add(vmId);
      });
      return client;
    },
    onUnreadable: (err) => app.log.error({ err }, `cannot use the directory ${directory}`),
  });
  const app = createServer({
    vms,
    logLevel: options.logLevel ?? DEFAULTS.logLevel,
    hostAllowed: (host) => hostAllowed(host),
    tokenRight: (authorization) => tokenRight(authorization),
  });

  const arrivals = new Arrivals(app.log);

  async function listen(): Promise<string> {
    tokenRight = bearerCheck(await loadToken(tokenFile));
    await vms.open();
    try {
      await app.listen(wanted);
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, wanted);
    }
    const { port } = app.server.address() as { readonly port: number };
    const listening = { host: wanted.host, port };
    hostAllowed = hostCheck(listening, options.allowHosts ?? []);
    address = `http://${hostAndPort(listening)}`;
    app.log.info({ directory, tokenFile }, 'serving');
    return address;
  }

  async function close(): Promise<void> {
    app.log.info('closing');
    const served = app.close();
    let force = setTimeout(async () => {
      await vms.close();
      force = setTimeout(() => app.server.closeAllConnections(), CLOSE_ANSWER_MS);
    }, CLOSE_GRACE_MS);
    await served;
    clearTimeout(force);
    await vms.close();
    arrivals.tell();
    address = undefined;
  }

  return {
    listen: () =>
      listen().catch(async (error: unknown) => {
        await close();
        throw error;
      }),
    close,
    get address() {
      return address;
    },
    tokenFile,
  };
}

function listenError(error: NodeJS.ErrnoException, address: ListenAddress): Error {
  const where = `port ${address.port} on ${address.host}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(
        `${where} is in use: stop the program that has it, or choose another with --listen`,
        { cause: error },
      );
    case 'EACCES':
      return new Error(`${where} may not be used: choose one from 1024 on with --listen`, {
        cause: error,
      });
    default:
      return new Error(`cannot listen on ${where}: ${error.message}`, { cause: error });
  }
}

/** The server's log takes the facts first. */
function vmLog(log: FastifyBaseLogger, vm: string): Logger {
  return {
    trace: (message, fields) => log.trace({ vm, ...fields }, message),
    debug: (message, fields) => log.debug({ vm, ...fields }, message),
    info: (message, fields) => log.info({ vm, ...fields }, message),
    warn: (message, fields) => log.warn({ vm, ...fields }, message),
    error: (message, fields) => log.error({ vm, ...fields }, message),
  };
}
