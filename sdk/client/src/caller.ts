import type { Init, Method } from '@limiquantix/agent-proto';
import type { CallOptions } from './options.ts';

/** What transfers need of a client. */
export interface Caller {
  call<Req, Res>(method: Method<Req, Res>, request: Init<Req>, options?: CallOptions): Promise<Res>;
}
