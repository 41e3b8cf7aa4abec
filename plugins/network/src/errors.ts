// Every failure that this plugin answers with.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';
import type { ToolResult } from '@limiquantix/plugin-sdk/guest';

interface Why {
  readonly context?: string | undefined;
  readonly resolution?: string;
  readonly reason?: ErrorReason;
  readonly cause?: unknown;
}

export function networkFailed(detail: string, why: Why = {}): AgentError {
  return new AgentError('NETWORK_CONFIG_FAILED', { detail, ...why });
}

/** Names as on the wire. */
type Field = 'interface' | 'ip_address' | 'netmask' | 'gateway' | 'dns_servers' | 'dhcp';

/**
 * @param value the host's own text; undefined: the field is empty
 * @param allowed what to send instead
 */
export function fieldRefused(
  field: Field,
  value: string | undefined,
  problem: string,
  allowed: string,
  reason: ErrorReason = ErrorReason.INVALID,
): AgentError {
  const subject = value === undefined ? field : `${field} ${quoted(value)}`;
  return networkFailed(`${subject} ${problem}`, { resolution: allowed, reason });
}

export function interfaceMissing(name: string, present: readonly string[]): AgentError {
  return fieldRefused(
    'interface',
    name,
    'does not exist in the guest',
    present.length === 0
      ? 'The guest has no network interface apart from the loopback'
      : `Name one of the guest's interfaces: ${present.slice(0, 20).join(', ')}`,
    ErrorReason.NOT_FOUND,
  );
}

export function interfaceEnslaved(name: string, owner: string): AgentError {
  return fieldRefused(
    'interface',
    name,
    `is a port of ${owner}`,
    `Configure ${owner}: its ports have no addresses of their own`,
    ErrorReason.CONFLICT,
  );
}

/** @param absent why each backend does not fit, in the order in which they were looked for */
export function noBackend(absent: readonly string[]): AgentError {
  return networkFailed('nothing that this agent knows manages the network of this guest', {
    context: absent.join('; '),
    resolution:
      'Install or start netplan, NetworkManager, systemd-networkd or ifupdown, or change the network with execute',
    reason: ErrorReason.UNSUPPORTED,
  });
}

export function toolFailed(command: string, result: ToolResult): AgentError {
  const ending = result.timedOut
    ? 'did not end in time and was killed'
    : result.signal
      ? `was killed by ${result.signal}`
      : `ended with exit code ${result.exitCode}`;
  const said = (result.stderr.trim() || result.stdout.trim()).slice(-MAX_TOOL_CHARS);
  return networkFailed(`${command} ${ending}`, { context: said || 'it printed nothing' });
}

export function toolMissing(command: string): AgentError {
  return networkFailed(`${command} could not be run: it is not installed`, {
    reason: ErrorReason.UNSUPPORTED,
  });
}

export function fileNotWritten(path: string, cause: unknown): AgentError {
  return networkFailed(`${path} could not be written: ${(cause as Error).message}`, {
    resolution: 'Check the free space of its filesystem and whether it is mounted read-only',
    cause,
  });
}

export function fileUnusable(path: string, problem: string): AgentError {
  return networkFailed(`${path} ${problem}`, { resolution: `Correct ${path} in the guest` });
}

/** @param manager what it is a link to */
export function nameServersUnheard(path: string, manager: string): AgentError {
  return networkFailed(`nothing in this guest would ask the dns_servers: ${path} is ${manager}`, {
    context: 'systemd-resolved, which networkd tells of name servers, does not run',
    resolution: 'Start systemd-resolved in the guest, make that file a plain one, or send none',
    reason: ErrorReason.UNSUPPORTED,
  });
}

export function addressNotSet(
  address: string,
  { seconds, link, present }: { seconds: number; link: string; present: readonly string[] },
): AgentError {
  return networkFailed(
    present.includes(address)
      ? `the interface still has other addresses than ${address} after ${seconds} s`
      : `${address} did not appear on the interface within ${seconds} s`,
    {
      context: `${link}, its addresses: ${present.join(', ') || 'none'}`,
      resolution: "Look at the log of the guest's network service, and whether the link is up",
    },
  );
}

export function cancelled(): AgentError {
  return networkFailed('the request was cancelled before anything was changed', {
    resolution: 'Send it again',
    reason: ErrorReason.CANCELLED,
  });
}

/**
 * The same failure, with what became of the former configuration.
 * @param problems of putting it back
 */
export function afterPuttingBack(thrown: unknown, problems: readonly string[]): AgentError {
  const error = AgentError.from(thrown);
  const outcome =
    problems.length === 0
      ? 'the former configuration was put back'
      : `the former configuration could NOT be put back completely: ${problems.join('; ')}`;
  const failed = new AgentError('NETWORK_CONFIG_FAILED', {
    context: error.context ? `${error.context}; ${outcome}` : outcome,
    resolution: error.resolution,
    reason: error.reason,
    cause: thrown,
  });
  failed.message =
    error.name === 'NETWORK_CONFIG_FAILED' ? error.message : `${failed.message}: ${error.message}`;
  return failed;
}

const MAX_TOOL_CHARS = 2000;
const MAX_QUOTED_CHARS = 100;

/** A host's own text as part of a message: escaped, and cut so that a message stays one. */
function quoted(text: string): string {
  const whole = text.length <= MAX_QUOTED_CHARS;
  return JSON.stringify(whole ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`);
}
