import { randomBytes, timingSafeEqual } from 'node:crypto';
import { constants, link, mkdir, open, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The least length of a token, in characters. */
const LEAST = 32;

/**
 * The token in this file, which is made, readable by its owner alone, where there is none.
 * @throws Error where others can read it or it is not ours: then it is no secret
 */
export async function loadToken(path: string): Promise<string> {
  try {
    return await readToken(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await createToken(path);
  return readToken(path);
}

/** Compares an Authorization header with the token, in a time that says nothing about it. */
export function bearerCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = Buffer.from(token);
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) return false;
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  };
}

async function readToken(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error(`the token file ${path} is not a regular file`);
    if (status.uid !== process.getuid?.()) {
      throw new Error(`the token file ${path} belongs to user ${status.uid}: it must be ours`);
    }
    if (status.mode & 0o077) {
      const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
      throw new Error(
        `the token file ${path} has mode ${mode}, so others may have read it: remove it and start again for a new one, or chmod 0600 it`,
      );
    }
    const token = (await file.readFile('utf8')).trim();
    if (!/^\S+$/.test(token) || token.length < LEAST) {
      throw new Error(
        `the token file ${path} holds no token of at least ${LEAST} characters: remove it and start again for a new one`,
      );
    }
    return token;
  } finally {
    await file.close();
  }
}

/** Under another name first: a file of the right name always holds a whole token. */
async function createToken(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const token = randomBytes(32).toString('base64url');
  await writeFile(draft, `${token}\n`, { flag: 'wx', mode: 0o600, flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    // Another gateway was faster; its token is as good.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}
