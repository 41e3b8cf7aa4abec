import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';
import { AgentError, type Call, type ErrorName, ErrorReason } from '@limiquantix/plugin-sdk';

/** What a system error means to one method. */
export interface Meaning {
  /** ENOENT; FILE_NOT_FOUND unless said otherwise. */
  readonly missing?: ErrorName;
  /** Errors that do not mean the same everywhere; INTERNAL_ERROR unless said otherwise. */
  readonly otherwise?: ErrorName;
  readonly context?: string;
}

/** Codes that mean the same to every method. */
const NAMES: Readonly<Record<string, ErrorName>> = {
  EACCES: 'FILE_ACCESS_DENIED',
  EPERM: 'FILE_ACCESS_DENIED',
  EROFS: 'FILE_ACCESS_DENIED',
  ETXTBSY: 'FILE_ACCESS_DENIED',
  EEXIST: 'FILE_ALREADY_EXISTS',
  ENOTDIR: 'NOT_A_DIRECTORY',
  EISDIR: 'NOT_A_FILE',
  // A stream behind a file's name, as /sys/kernel/tracing/trace_pipe: it has no offsets.
  ESPIPE: 'NOT_A_FILE',
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'FILE_TOO_LARGE',
  ELOOP: 'FILE_NOT_FOUND',
  ENAMETOOLONG: 'FILE_NOT_FOUND',
};

/** Where the catalogue's advice does not fit. */
const RESOLUTIONS: Readonly<Record<string, string>> = {
  EPERM: 'Check its attributes with lsattr: it may be immutable or append-only',
  EBUSY: 'It is in use, for example as a mount point',
  EROFS: 'The filesystem is mounted read-only',
  ETXTBSY: 'The program is running: write to another name, then rename it',
  EDQUOT: "The owner's disk quota is used up",
  ELOOP: 'The symbolic links of the path lead in a circle',
  ENAMETOOLONG: 'Shorten the path: a name has at most 255 bytes',
  EIO: "Check the guest's disk: its kernel log says more",
};

/** Why it failed, where the catalogue's code does not tell. */
const REASONS: Readonly<Record<string, ErrorReason>> = {
  EBUSY: ErrorReason.CONFLICT,
  ENOTEMPTY: ErrorReason.CONFLICT,
};

/** Errors that libuv has no name for, by their numbers. */
const UNNAMED: ReadonlyMap<number, readonly [code: string, message: string]> = new Map([
  [-constants.errno.EDQUOT, ['EDQUOT', 'disk quota exceeded']],
  [-constants.errno.ESTALE, ['ESTALE', 'stale file handle']],
]);

/** A system error as the catalogue's; an AgentError stays as it is. */
export function fileError(error: unknown, path: string, meaning: Meaning = {}): unknown {
  // Closing failed too, as it does for a full network filesystem: the first error tells.
  if (error instanceof SuppressedError) return fileError(error.suppressed, path, meaning);
  if (!isSystemError(error)) return error;
  const [code, message] = UNNAMED.get(error.errno) ?? [
    error.code,
    getSystemErrorMessage(error.errno),
  ];
  return new AgentError(nameOf(code, meaning), {
    detail: `${brief(path)}: ${message}`,
    context: meaning.context,
    resolution: RESOLUTIONS[code],
    reason: REASONS[code],
    cause: error,
  });
}

/** Has what the system refuses a handler thrown as the catalogue's error about its path. */
export function explained<Request extends { readonly path: string }, Response>(
  handle: (request: Request, call: Call) => Response | Promise<Response>,
  meaning?: Meaning,
): (request: Request, call: Call) => Response | Promise<Response> {
  return (request, call) => {
    const fail = (error: unknown) => {
      throw fileError(error, request.path, meaning);
    };
    try {
      const response = handle(request, call);
      return response instanceof Promise ? response.catch(fail) : response;
    } catch (error) {
      return fail(error);
    }
  };
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

/** A path for an error's text, which must not grow with what somebody made up. */
export function brief(path: string): string {
  return path.length <= 512 ? path : `${path.slice(0, 512)}...`;
}

function nameOf(code: string, { missing, otherwise }: Meaning): ErrorName {
  if (code === 'ENOENT') return missing ?? 'FILE_NOT_FOUND';
  return NAMES[code] ?? otherwise ?? 'INTERNAL_ERROR';
}

/** An error of a system call. */
export function isSystemError(error: unknown): error is { code: string; errno: number } {
  return error instanceof Error && 'syscall' in error && 'errno' in error && 'code' in error;
}
