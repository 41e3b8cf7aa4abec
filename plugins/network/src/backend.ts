import type { NetworkInterface } from './linux/interface.ts';
import type { NetworkChange } from './request.ts';
import type { Undo } from './undo.ts';

/** One of the programs that manage a guest's network. */
export interface Backend {
  /** As in the answer: `netplan`. */
  readonly name: string;
  /** @returns why it does not manage this interface; undefined: it does */
  absent(nic: NetworkInterface): Promise<string | undefined>;
  /**
   * Writes and applies the change.
   * @param undo gets the steps that take back what was done, before it is done
   * @throws AgentError NETWORK_CONFIG_FAILED
   */
  configure(change: NetworkChange, nic: NetworkInterface, undo: Undo): Promise<void>;
}
