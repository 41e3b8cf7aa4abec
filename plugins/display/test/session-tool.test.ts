import { AgentError } from '@limiquantix/plugin-sdk';
import { type DesktopSession, type RunTool, ToolMissing } from '@limiquantix/plugin-sdk/guest';
import { expect, it } from 'vitest';
import { sessionTool } from '../src/linux/session-tool.ts';

const session: DesktopSession = {
  id: '2',
  type: 'x11',
  desktop: '',
  user: { uid: 1000, gid: 1000, name: 'alice', home: '/home/alice' },
  environment: { DISPLAY: ':0' },
};

it.each(['xrandr', 'wlr-randr'] as const)(
  'names %s and its package where it is missing',
  async (program) => {
    const missing: RunTool = async (name) => {
      throw new ToolMissing(name);
    };
    const error = await sessionTool(program, session, missing)([]).catch(AgentError.from);
    expect(error).toMatchObject({
      code: 6008,
      message: expect.stringContaining(`${program} is not installed`),
      resolution: expect.stringMatching(program === 'xrandr' ? 'x11-xserver-utils' : 'wlr-randr'),
    });
  },
);

it('runs as the user of the session, with its environment', async () => {
  const ran: unknown[] = [];
  const run: RunTool = async (...call) => {
    ran.push(call);
    return {
      exitCode: 0,
      signal: undefined,
      stdout: '',
      stderr: '',
      truncated: false,
      timedOut: false,
    };
  };
  await sessionTool('xrandr', session, run)(['--current']);
  expect(ran).toMatchObject([
    ['xrandr', ['--current'], { env: { DISPLAY: ':0' }, as: { uid: 1000, gid: 1000 } }],
  ]);
});

it('reports a tool that hangs', async () => {
  const hangs: RunTool = async () => ({
    exitCode: -1,
    signal: 'SIGKILL',
    stdout: '',
    stderr: '',
    truncated: false,
    timedOut: true,
  });
  const error = await sessionTool('xrandr', session, hangs)([]).catch(AgentError.from);
  expect(error).toMatchObject({ code: 6003, message: expect.stringContaining('10 s') });
});
