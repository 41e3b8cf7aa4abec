import type {
  Init,
  Logger,
  ResetPasswordRequest,
  ResetPasswordResponse,
} from '@limiquantix/plugin-sdk';
import { runTool } from '@limiquantix/plugin-sdk/guest';
import {
  passwordNotChanged,
  passwordNotExpired,
  passwordUnusable,
  userNameUnusable,
  userNotFound,
} from './errors.ts';
import { type Command, complaintOf } from './linux/command.ts';
import type { Guest } from './linux/guest.ts';
import { passwordExpirer, passwordSetter } from './linux/password-commands.ts';
import { Secret } from './secret.ts';

/** What useradd(8) makes by default; nothing that a record or an argument could be hidden in. */
const USER_NAME = /^[a-z_][a-z0-9_-]{0,31}\$?$/;
const MAX_PASSWORD_BYTES = 512;
/** Hashing takes a second at most, PAM's modules may wait for a directory. */
const TIMEOUT_MS = 30_000;

export interface PasswordResetOptions {
  readonly guest: Guest;
  readonly log: Logger;
}

/** Answers reset_password requests, one after the other: chpasswd locks the guest's accounts. */
export class PasswordReset {
  readonly #options: PasswordResetOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PasswordResetOptions) {
    this.#options = options;
  }

  /** @throws AgentError PASSWORD_RESET_FAILED */
  async reset(
    { username, newPassword, expire }: ResetPasswordRequest,
    signal: AbortSignal,
  ): Promise<Init<ResetPasswordResponse>> {
    const password = usable(newPassword);
    const turn = this.#turn.then(() => {
      signal.throwIfAborted();
      return this.#change(username, password, expire);
    });
    this.#turn = turn.catch(() => undefined);
    await turn;
    this.#options.log.info('password reset', { user: username, expired: expire });
    return { success: true };
  }

  /** Not to be cancelled: a tool that is killed may leave the accounts locked. */
  async #change(user: string, password: Secret, expire: boolean): Promise<void> {
    const { guest } = this.#options;
    await this.#requireUser(user);
    const setter = passwordSetter(guest);
    // Looked for before anything changes.
    const expirer = expire ? passwordExpirer(user, guest) : undefined;
    const set = await run(setter, `${user}:${password.reveal()}\n`);
    if (set !== undefined) throw passwordNotChanged(user, { context: withheld(set, password) });
    const expired = expirer && (await run(expirer));
    if (expired !== undefined) throw passwordNotExpired(user, { context: expired });
  }

  async #requireUser(name: string): Promise<void> {
    if (!USER_NAME.test(name)) {
      throw userNameUnusable(
        name,
        'is none: letters, digits, "_" and "-", at most 32, in lower case',
      );
    }
    if (!(await this.#options.guest.accounts.user(name))) throw userNotFound(name);
  }
}

/** @throws AgentError where it could change more than one user, or nobody could log in with it */
function usable(password: string): Secret {
  if (password === '') throw passwordUnusable('is empty');
  if (/[\n\r\0]/.test(password))
    throw passwordUnusable('has a line break or a NUL character in it');
  const bytes = Buffer.byteLength(password);
  if (bytes > MAX_PASSWORD_BYTES) throw passwordUnusable(`has ${bytes} bytes`);
  return new Secret(password);
}

/** @returns why it failed; undefined where it did not */
async function run({ program, args }: Command, input?: string): Promise<string | undefined> {
  const result = await runTool(program, args, { timeoutMs: TIMEOUT_MS, input });
  return result.exitCode === 0 ? undefined : complaintOf(result);
}

/** PAM's modules say what they like. */
function withheld(words: string, password: Secret): string {
  return words.includes(password.reveal()) ? 'its words have the password in them' : words;
}
