import { AgentError } from '@limiquantix/plugin-sdk';
import {
  type DesktopSession,
  noDisplayServer,
  type RunTool,
  runTool,
  ToolMissing,
  type ToolResult,
} from '@limiquantix/plugin-sdk/guest';
import { resizeFailed, toolMissing } from '../errors.ts';

/** Runs one program of the session, as its user. */
export type SessionTool = (args: readonly string[]) => Promise<ToolResult>;

const TIMEOUT_MS = 10_000;

/** @param run for tests */
export function sessionTool(
  program: 'xrandr' | 'wlr-randr',
  { environment, user }: DesktopSession,
  run: RunTool = runTool,
): SessionTool {
  return async (args) => {
    const result = await started(program, () =>
      run(program, args, { timeoutMs: TIMEOUT_MS, env: environment, as: user }),
    );
    if (result.timedOut) {
      throw resizeFailed(`${program} did not end within ${TIMEOUT_MS / 1000} s`, result.stderr);
    }
    if (/Can't open display|failed to connect to display/.test(result.stderr)) {
      throw new AgentError('NO_DISPLAY_SERVER', {
        detail: 'the display server of the session does not answer',
        context: result.stderr.trim().slice(0, 1000),
        resolution: noDisplayServer().resolution,
      });
    }
    return result;
  };
}

async function started<T>(program: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof ToolMissing) throw toolMissing(program, cause);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw resizeFailed(`${program} cannot be started`, reason, cause);
  }
}
