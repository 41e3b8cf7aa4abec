import { readFileSync } from 'node:fs';
import type { ExecuteRequest } from '@limiquantix/plugin-sdk';
import { type Account, AccountFiles, type AccountSource } from '@limiquantix/plugin-sdk/guest';
import { groupNotFound, identityNotSwitched, userNotFound } from '../errors.ts';
import { nameService } from './name-service.ts';

/** Whom a command runs as. */
export interface Identity {
  readonly account: Account;
  /** Its group; the account's primary one unless the host asks for another. */
  readonly gid: number;
  /** Its supplementary groups, without `gid`. */
  readonly groups: readonly number[];
  /** False: as the agent itself, and nothing has to be done for it. */
  readonly switched: boolean;
}

export type RunAs = Pick<ExecuteRequest, 'runAsUser' | 'runAsGroup' | 'includeSupplementaryGroups'>;

/** Finds users and groups: in the guest's files first, which costs no process. */
export class Identities {
  readonly #sources: readonly AccountSource[];
  readonly #own: Account;

  constructor(files: AccountFiles = new AccountFiles(), others: AccountSource = nameService) {
    this.#sources = [files, others];
    this.#own = ownAccount(files);
  }

  /** @throws AgentError USER_NOT_FOUND, GROUP_NOT_FOUND, SETUID_FAILED; never falls back to root */
  async resolve(runAs: RunAs): Promise<Identity> {
    const [account, source] =
      runAs.runAsUser === ''
        ? ([this.#own, this.#sources[0] as AccountSource] as const)
        : await this.#user(runAs.runAsUser);
    const gid = runAs.runAsGroup === '' ? account.gid : await this.#group(runAs.runAsGroup);
    const onlyPrimary = runAs.includeSupplementaryGroups === false;
    if (isAgents(account.uid, gid, onlyPrimary)) {
      return { account, gid, groups: [], switched: false };
    }
    if (!maySwitch()) {
      throw identityNotSwitched(account.name, {
        context: 'the agent lacks the capabilities CAP_SETUID and CAP_SETGID',
      });
    }
    const memberships = onlyPrimary ? [] : [account.gid, ...(await source.groupsOf(account.name))];
    const groups = [...new Set(memberships)].filter((id) => id !== gid);
    return { account, gid, groups, switched: true };
  }

  async #user(name: string): Promise<readonly [Account, AccountSource]> {
    for (const source of this.#sources) {
      const account = await source.user(name).catch((cause: Error) => {
        throw userNotFound(name, { context: cause.message, cause });
      });
      if (account) return [account, source];
    }
    throw userNotFound(name);
  }

  async #group(name: string): Promise<number> {
    for (const source of this.#sources) {
      const gid = await source.group(name).catch((cause: Error) => {
        throw groupNotFound(name, { context: cause.message, cause });
      });
      if (gid !== undefined) return gid;
    }
    throw groupNotFound(name);
  }
}

function ownAccount(files: AccountFiles): Account {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  const account = files.userById(uid) ?? { name: String(uid), home: '/', shell: '/bin/sh' };
  return { ...account, uid, gid };
}

function isAgents(uid: number, gid: number, onlyPrimary: boolean): boolean {
  if (uid !== process.geteuid?.() || gid !== process.getegid?.()) return false;
  return !onlyPrimary || process.getgroups?.().every((id) => id === gid) === true;
}

const CAP_SETGID = 1n << 6n;
const CAP_SETUID = 1n << 7n;

/** Asked of the kernel, since root in a container may lack them. */
function maySwitch(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'));
  const capabilities = BigInt(`0x${effective?.[1] ?? '0'}`);
  return (capabilities & CAP_SETUID) !== 0n && (capabilities & CAP_SETGID) !== 0n;
}
