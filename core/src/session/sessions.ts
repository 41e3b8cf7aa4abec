import type { AgentEvent, Init } from '@limiquantix/agent-proto';
import type { Session } from './session.ts';

/** The hosts that are connected. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id);
  }

  has({ id }: Session): boolean {
    return this.#sessions.has(id);
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values();
  }

  /** Sends an event to every host, or to the one session. */
  emit<T>(event: AgentEvent<T>, message: Init<T>, sessionId?: string): void {
    if (sessionId !== undefined) this.#sessions.get(sessionId)?.emit(event, message);
    else for (const session of this.#sessions.values()) session.emit(event, message);
  }
}
