import { expect } from 'vitest';

/** One request of the walk, and what the reference says of its answer. */
export interface Step {
  readonly title: string;
  readonly method: 'GET' | 'POST';
  /** After `/api/v1/vms/{vm_id}/agent`; `{pid}` is that of a process which may be killed. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** What the answer holds whenever it is asked. */
  readonly answer: Readonly<Record<string, unknown>>;
  /** Run as root in the guest before: what the request is about. */
  readonly before?: string;
}

const TEXT: unknown = expect.any(String);
const NUMBER: unknown = expect.any(Number);
/** A time server on this machine, and a chronyd that asks it. */
const START_CLOCKS = `
  printf 'port 11123\\nallow 127.0.0.1\\nlocal stratum 5\\ncmdport 0\\nbindcmdaddress /\\npidfile /run/time-server.pid\\n' >/run/time-server.conf
  systemd-run --quiet --unit=time-server chronyd -d -x -f /run/time-server.conf
  echo 'server 127.0.0.1 port 11123 iburst' >/etc/chrony/sources.d/test.sources
  systemctl start chrony`;

const FILE = '/tmp/test.txt';

/** Every request of the REST API, what only looks first and what takes the guest away last. */
export const STEPS: readonly Step[] = [
  step('Ping the agent', 'POST', '/ping', undefined, {
    connected: true,
    version: TEXT,
    uptime_seconds: NUMBER,
  }),
  step('Capabilities', 'GET', '/capabilities', undefined, {
    version: TEXT,
    os: 'linux',
    architecture: 'x86_64',
  }),
  step('Telemetry', 'GET', '/telemetry', undefined, { received_at: TEXT }),
  step('Plugins', 'GET', '/plugins', undefined, {}),
  step(
    'Run a command',
    'POST',
    '/execute',
    {
      command: 'systemctl is-active cron',
      timeout_seconds: 30,
      run_as_user: 'root',
    },
    { exit_code: 0, stdout: 'active\n', stderr: '', duration_ms: NUMBER },
  ),
  step(
    'Write a file',
    'POST',
    '/files/write',
    {
      path: FILE,
      content: 'Hello, World!',
      mode: 420,
    },
    { success: true, bytes_written: 13 },
  ),
  step(
    'Read a file',
    'POST',
    '/files/read',
    { path: FILE },
    {
      content: 'Hello, World!',
      encoding: 'utf-8',
      eof: true,
    },
  ),
  step("A file's attributes", 'POST', '/files/stat', { path: FILE }, {}),
  step(
    'List a directory',
    'POST',
    '/files/list',
    {
      path: '/var/log',
      include_hidden: false,
      max_entries: 100,
    },
    {},
  ),
  step(
    'Make a directory',
    'POST',
    '/files/mkdir',
    {
      path: '/tmp/a/b',
      create_parents: true,
    },
    { success: true },
  ),
  step(
    'Delete a file',
    'POST',
    '/files/delete',
    { path: FILE, recursive: false },
    {
      success: true,
    },
  ),
  step('List processes', 'GET', '/processes?filter=cron&max_entries=10', undefined, {}),
  {
    ...step('End a process', 'POST', '/processes/{pid}/kill', { signal: 15 }, { success: true }),
    before: 'systemd-run --quiet --unit=victim sleep 600',
  },
  step('List services', 'GET', '/services', undefined, {}),
  step(
    'Control a service',
    'POST',
    '/services/cron/control',
    { action: 'restart' },
    {
      success: true,
    },
  ),
  step('Hardware', 'GET', '/hardware', undefined, {}),
  step('Installed software', 'GET', '/software', undefined, { total_count: NUMBER }),
  step(
    'Resize the display',
    'POST',
    '/display/resize',
    {
      width: 1280,
      height: 800,
      dpi: 96,
    },
    { success: true, actual_width: 1280, actual_height: 800 },
  ),
  step(
    'Set the clipboard',
    'POST',
    '/clipboard',
    {
      type: 'text',
      data: 'Hello from host!',
    },
    { success: true },
  ),
  step('Get the clipboard', 'GET', '/clipboard', undefined, {
    type: 'text',
    data: 'Hello from host!',
    encoding: 'utf-8',
  }),
  step(
    'Freeze filesystems',
    'POST',
    '/quiesce',
    {
      mount_points: ['/'],
      timeout_seconds: 60,
    },
    { success: true, quiesce_token: TEXT, auto_thaw_at: TEXT },
  ),
  refused(
    'Write a file while its filesystem is frozen',
    'POST',
    '/files/write',
    {
      path: FILE,
      content: 'late',
    },
    409,
  ),
  step('Thaw filesystems', 'POST', '/thaw', undefined, {
    success: true,
    frozen_duration_ms: NUMBER,
  }),
  {
    ...step(
      'Synchronise the clock',
      'POST',
      '/sync-time',
      { force: true },
      {
        success: true,
        offset_seconds: NUMBER,
        current_time: TEXT,
        time_source: TEXT,
      },
    ),
    before: START_CLOCKS,
  },
  step(
    'Set a password',
    'POST',
    '/reset-password',
    {
      username: 'tester',
      new_password: 'correct horse battery',
    },
    { success: true },
  ),
  refused('A field that is missing', 'POST', '/execute', { timeout_seconds: 1 }, 400),
  refused('A field that there is not', 'POST', '/files/read', { path: '/', recursive: true }, 400),
  refused('A file that there is not', 'POST', '/files/read', { path: '/no/such/file' }, 404),
  refused('A process that there is not', 'POST', '/processes/4194304/kill', { signal: 15 }, 404),
  refused(
    'A service that there is not',
    'POST',
    '/services/nonesuch/control',
    { action: 'restart' },
    404,
  ),
  refused(
    'A user that there is not',
    'POST',
    '/reset-password',
    {
      username: 'nobody-here',
      new_password: 'x',
    },
    404,
  ),
  refused('Thaw what is not frozen', 'POST', '/thaw', undefined, 409),
  step('Shut down', 'POST', '/shutdown', { type: 'poweroff' }, { accepted: true }),
];

function step(
  title: string,
  method: Step['method'],
  path: string,
  body: Step['body'],
  answer: Step['answer'],
): Step {
  return { title, method, path, ...(body && { body }), status: 200, answer };
}

/** A request that is answered with a problem. */
function refused(
  title: string,
  method: Step['method'],
  path: string,
  body: Step['body'],
  status: number,
): Step {
  const problem = { status, code: TEXT, name: TEXT, detail: TEXT, resolution: TEXT };
  return { ...step(title, method, path, body, problem), status };
}
