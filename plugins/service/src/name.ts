import { nameInvalid } from './errors.ts';

/** What systemd lets a unit be called, and enough for every other manager. */
const NAME = /^[A-Za-z0-9:_@\\][A-Za-z0-9:_.@\\-]{0,254}$/;

/**
 * Checks a host's own text before it becomes an argument: no option, no path, no pattern.
 * @throws AgentError SERVICE_NOT_FOUND: nothing can be called that
 */
export function checkedName(name: string): string {
  if (!NAME.test(name)) throw nameInvalid(name);
  return name;
}
