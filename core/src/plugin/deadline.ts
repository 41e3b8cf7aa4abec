import { AgentError } from '@limiquantix/agent-proto';

/**
 * A plugin's promise, but for so long only: what it keeps waiting is the whole agent.
 * @throws AgentError INTERNAL_ERROR saying what did not end
 */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const detail = `${what} did not come to an end within ${ms / 1000} s`;
      reject(new AgentError('INTERNAL_ERROR', { detail }));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
