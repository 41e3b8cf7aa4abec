import type { NetworkInterface } from './linux/interface.ts';
import type { NetworkChange } from './request.ts';
import type { Undo } from './undo.ts';

/** What a backend is to an interface: it manages it, or works here and could, or why it cannot. */
export type Standing = 'manages' | 'available' | { readonly absent: string };

/** One of the programs that manage a guest's network. */
export interface Backend {
  /** As in the answer: `netplan`. */
  readonly name: string;
  standing(nic: NetworkInterface): Promise<Standing>;
  /**
   * Writes and applies the change.
   * @param undo gets the steps that take back what was done, before it is done
   * @throws AgentError NETWORK_CONFIG_FAILED
   */
  configure(change: NetworkChange, nic: NetworkInterface, undo: Undo): Promise<void>;
}
