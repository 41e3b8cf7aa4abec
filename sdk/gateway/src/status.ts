import { type AgentError, type ErrorName, ErrorReason } from '@limiquantix/agent-proto';

/** What is not listed here went wrong inside the agent: the gateway only passes it on. */
const OTHERWISE = 502;

const STATUS: Readonly<Partial<Record<ErrorName, number>>> = {
  // The request cannot be right.
  INVALID_MESSAGE: 400,
  MISSING_PAYLOAD: 400,
  INVALID_MESSAGE_ID: 400,
  NOT_A_DIRECTORY: 400,
  NOT_A_FILE: 400,
  INVALID_OFFSET: 400,
  RESOLUTION_NOT_SUPPORTED: 400,
  CLIPBOARD_TYPE_UNSUPPORTED: 400,
  // Denied by policy or permission.
  PERMISSION_DENIED: 403,
  COMMAND_BLOCKED: 403,
  FILE_ACCESS_DENIED: 403,
  PATH_TRAVERSAL_BLOCKED: 403,
  WRITE_PATH_BLOCKED: 403,
  READ_PATH_BLOCKED: 403,
  COMMAND_NOT_ALLOWED: 403,
  PATH_NOT_ALLOWED: 403,
  // By default the kernel's refusal: what is not there, or not right, has a code or reason of its own.
  KILL_FAILED: 403,
  // What it names is not there.
  COMMAND_NOT_FOUND: 404,
  USER_NOT_FOUND: 404,
  GROUP_NOT_FOUND: 404,
  WORKING_DIR_NOT_FOUND: 404,
  FILE_NOT_FOUND: 404,
  DIRECTORY_NOT_FOUND: 404,
  DISPLAY_NOT_FOUND: 404,
  CLIPBOARD_EMPTY: 404,
  PROCESS_NOT_FOUND: 404,
  SERVICE_NOT_FOUND: 404,
  // Not in this state.
  FILE_ALREADY_EXISTS: 409,
  ALREADY_QUIESCED: 409,
  NOT_QUIESCED: 409,
  SERVICE_ALREADY_RUNNING: 409,
  SERVICE_NOT_RUNNING: 409,
  // Too much.
  MESSAGE_TOO_LARGE: 413,
  FILE_TOO_LARGE: 413,
  RATE_LIMIT_EXCEEDED: 429,
  DISK_FULL: 507,
  // This guest cannot do that.
  UNKNOWN_MESSAGE_TYPE: 501,
  NO_DISPLAY_SERVER: 501,
  XRANDR_NOT_FOUND: 501,
  SYSTEMCTL_NOT_FOUND: 501,
  // The agent is not reached.
  DEVICE_NOT_FOUND: 503,
  DEVICE_OPEN_FAILED: 503,
  CONNECTION_LOST: 503,
  WRITE_FAILED: 503,
  READ_FAILED: 503,
  DEVICE_BUSY: 503,
  VSOCK_UNAVAILABLE: 503,
  // It was reached and did not finish in time.
  EXECUTION_TIMEOUT: 504,
};

/** What the agent says beyond the code. An older one says nothing, a newer one perhaps more. */
const STATUS_OF_REASON: Readonly<Record<number, number>> = {
  [ErrorReason.INVALID]: 400,
  [ErrorReason.DENIED]: 403,
  [ErrorReason.NOT_FOUND]: 404,
  [ErrorReason.CONFLICT]: 409,
  [ErrorReason.UNSUPPORTED]: 501,
  [ErrorReason.CANCELLED]: 503,
};

/** The HTTP status of an agent's failure. */
export function statusOf({ name, reason }: Pick<AgentError, 'name' | 'reason'>): number {
  return STATUS_OF_REASON[reason] ?? STATUS[name] ?? OTHERWISE;
}
