import * as otherCopy from '@limiquantix/agent-proto';
import { describe, expect, it } from 'vitest';
import { AgentErrorCodec, decode, encode } from '../src/codec.ts';
import { AgentError, categoryOf, codeString, nameOfCode } from '../src/errors/agent-error.ts';
import { CATALOGUE } from '../src/errors/catalogue.ts';
import { catalogueEntries, catalogueMarkdown } from '../src/errors/listing.ts';
import { ErrorCategory, ErrorReason } from '../src/gen/messages.ts';

/** What hosts and operators' scripts match on: these lines never change. */
const CODES = `
1001 DEVICE_NOT_FOUND
1002 DEVICE_OPEN_FAILED
1003 CONNECTION_LOST
1004 WRITE_FAILED
1005 READ_FAILED
1006 DEVICE_BUSY
1007 VSOCK_UNAVAILABLE
2001 INVALID_MESSAGE
2002 UNKNOWN_MESSAGE_TYPE
2003 MESSAGE_TOO_LARGE
2004 MISSING_PAYLOAD
2005 INVALID_MESSAGE_ID
2006 ENCODING_ERROR
3001 COMMAND_NOT_FOUND
3002 PERMISSION_DENIED
3003 EXECUTION_TIMEOUT
3004 COMMAND_BLOCKED
3005 USER_NOT_FOUND
3006 GROUP_NOT_FOUND
3007 SETUID_FAILED
3008 WORKING_DIR_NOT_FOUND
4001 FILE_NOT_FOUND
4002 FILE_ACCESS_DENIED
4003 FILE_ALREADY_EXISTS
4004 DIRECTORY_NOT_FOUND
4005 NOT_A_DIRECTORY
4006 NOT_A_FILE
4007 PATH_TRAVERSAL_BLOCKED
4008 WRITE_PATH_BLOCKED
4009 READ_PATH_BLOCKED
4010 DISK_FULL
4011 FILE_TOO_LARGE
4012 INVALID_OFFSET
4013 DELETE_FAILED
4014 MKDIR_FAILED
5001 SHUTDOWN_FAILED
5002 REBOOT_FAILED
5003 PASSWORD_RESET_FAILED
5004 NETWORK_CONFIG_FAILED
5005 QUIESCE_FAILED
5006 THAW_FAILED
5007 ALREADY_QUIESCED
5008 NOT_QUIESCED
5009 TIME_SYNC_FAILED
6001 DISPLAY_NOT_FOUND
6002 RESOLUTION_NOT_SUPPORTED
6003 DISPLAY_RESIZE_FAILED
6004 CLIPBOARD_ACCESS_FAILED
6005 CLIPBOARD_EMPTY
6006 CLIPBOARD_TYPE_UNSUPPORTED
6007 NO_DISPLAY_SERVER
6008 XRANDR_NOT_FOUND
7001 PROCESS_NOT_FOUND
7002 KILL_FAILED
7003 SERVICE_NOT_FOUND
7004 SERVICE_START_FAILED
7005 SERVICE_STOP_FAILED
7006 SERVICE_ALREADY_RUNNING
7007 SERVICE_NOT_RUNNING
7008 SYSTEMCTL_NOT_FOUND
8001 RATE_LIMIT_EXCEEDED
8002 COMMAND_NOT_ALLOWED
8003 PATH_NOT_ALLOWED
8004 AUDIT_LOG_FAILED
9001 CONFIG_LOAD_FAILED
9002 CONFIG_INVALID
9003 INTERNAL_ERROR
9004 UPDATE_FAILED
9005 CHECKSUM_MISMATCH
9006 ROLLBACK_FAILED
`;

describe('the catalogue', () => {
  const rows = Object.entries(CATALOGUE);

  it('has exactly the documented codes, in their order', () => {
    expect(rows.map(([name, [code]]) => `${code} ${name}`)).toEqual(CODES.trim().split('\n'));
    expect(new Set(rows.map(([, [code]]) => code)).size).toBe(70);
  });

  it('says of each what it means and what to do', () => {
    for (const [name, [, description, resolution]] of rows) {
      expect(description, name).toMatch(/^\S.{4,}\S$/);
      expect(resolution, name).toMatch(/^\S.{4,}\S$/);
    }
  });

  it.each([
    [1001, ErrorCategory.TRANSPORT],
    [2006, ErrorCategory.PROTOCOL],
    [3001, ErrorCategory.EXECUTION],
    [4014, ErrorCategory.FILE_OPERATION],
    [5009, ErrorCategory.LIFECYCLE],
    [6008, ErrorCategory.DESKTOP],
    [7001, ErrorCategory.PROCESS_SERVICE],
    [8004, ErrorCategory.SECURITY],
    [9006, ErrorCategory.INTERNAL],
    [0, ErrorCategory.UNSPECIFIED],
    [999, ErrorCategory.UNSPECIFIED],
    [10_000, ErrorCategory.UNSPECIFIED],
  ])('puts %d into its category', (code, category) => {
    expect(categoryOf(code)).toBe(category);
  });

  it('is listed as data and as a page', () => {
    const entries = catalogueEntries();
    expect(entries).toHaveLength(70);
    expect(entries.find(({ name }) => name === 'FILE_NOT_FOUND')).toEqual({
      code: 'QXGA-4001',
      name: 'FILE_NOT_FOUND',
      category: 'file_operation',
      description: 'File not found',
      resolution: 'Check file path',
    });
    const page = catalogueMarkdown();
    for (const { code, name } of entries) expect(page).toContain(`| ${code} | ${name} |`);
    expect(page.match(/^## /gm)).toHaveLength(9);
    expect(page.endsWith('|\n')).toBe(true);
  });

  it('finds a name by its code', () => {
    expect(nameOfCode(4001)).toBe('FILE_NOT_FOUND');
    expect(nameOfCode(4099)).toBeUndefined();
    expect(codeString(4001)).toBe('QXGA-4001');
    expect(codeString(7)).toBe('QXGA-0007');
  });
});

describe('an AgentError', () => {
  it('reads as its code and what happened', () => {
    const error = new AgentError('FILE_NOT_FOUND', { detail: '/etc/x' });
    expect(String(error)).toBe('QXGA-4001: File not found: /etc/x');
    expect(String(new AgentError('RATE_LIMIT_EXCEEDED'))).toBe('QXGA-8001: Rate limit exceeded');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 4001, codeString: 'QXGA-4001', name: 'FILE_NOT_FOUND' });
    expect(error.category).toBe(ErrorCategory.FILE_OPERATION);
  });

  it('has the catalogue’s advice, or better one', () => {
    expect(new AgentError('DISK_FULL').resolution).toBe('Free up disk space');
    expect(new AgentError('DISK_FULL', { resolution: 'Grow /var' }).resolution).toBe('Grow /var');
  });

  it('is known across copies of this package, as every bundle has its own', () => {
    const other = new otherCopy.AgentError('DISK_FULL');
    expect(other).not.toBeInstanceOf(AgentError);
    expect(AgentError.is(other)).toBe(true);
    expect(AgentError.from(other)).toBe(other);
    expect(otherCopy.AgentError.is(new AgentError('DISK_FULL'))).toBe(true);
  });

  it.each([undefined, null, 0, 'text', {}, new Error('QXGA-4001: File not found')])(
    'is not %s',
    (value) => expect(AgentError.is(value)).toBe(false),
  );

  it('can be made of anything that is thrown', () => {
    const cause = new TypeError('x is not a function');
    const error = AgentError.from(cause);
    expect(String(error)).toBe('QXGA-9003: Internal agent error: x is not a function');
    expect(error.cause).toBe(cause);
    expect(String(AgentError.from('text'))).toBe('QXGA-9003: Internal agent error: text');
    expect(String(AgentError.from(undefined))).toContain('undefined');
    expect(String(AgentError.from(Symbol('s')))).toContain('Symbol(s)');
  });

  it('can even be made of what has no text', () => {
    const hostile = {
      toString: () => {
        throw new Error('no');
      },
    };
    for (const thrown of [Object.create(null), hostile]) {
      expect(AgentError.from(thrown)).toMatchObject({ name: 'INTERNAL_ERROR', cause: thrown });
    }
  });

  it('goes over the wire and back, without its cause', () => {
    const error = new AgentError('QUIESCE_FAILED', {
      detail: '/srv',
      context: 'a backup holds it',
      resolution: 'Stop the backup',
      reason: ErrorReason.CONFLICT,
      cause: new Error('secret'),
    });
    const bytes = encode(AgentErrorCodec, error.toWire());
    expect(Buffer.from(bytes).toString()).not.toContain('secret');
    const back = AgentError.fromWire(decode(AgentErrorCodec, bytes));
    expect(String(back)).toBe('QXGA-5005: Filesystem quiesce failed: /srv');
    expect(back).toMatchObject({
      name: 'QUIESCE_FAILED',
      context: 'a backup holds it',
      resolution: 'Stop the backup',
      reason: ErrorReason.CONFLICT,
    });
    expect(back.cause).toBeUndefined();
    expect(back.toWire()).toEqual(error.toWire());
  });

  it('of a code that this version does not know keeps the words of its sender', () => {
    const wire = {
      code: 4099,
      category: 4,
      name: 'NEW',
      message: 'Something new',
      context: '',
      resolution: 'Do it',
      reason: ErrorReason.NOT_FOUND,
    };
    const error = AgentError.fromWire(wire);
    expect(error).toMatchObject({
      name: 'INTERNAL_ERROR',
      message: 'Something new',
      resolution: 'Do it',
      reason: ErrorReason.NOT_FOUND,
    });
    expect(error.context).toBeUndefined();
  });

  it('without words has those of the catalogue', () => {
    const code = Buffer.from([0x08, 0xa1, 0x1f]);
    expect(AgentError.fromWire(decode(AgentErrorCodec, code))).toMatchObject({
      message: 'File not found',
      resolution: 'Check file path',
      reason: ErrorReason.UNSPECIFIED,
    });
  });
});
