import { libc } from './libc.ts';

/** Of Linux, the same on every architecture that Node runs on. */
const RLIMIT_NOFILE = 7;
/**
 * What a login and a service of systemd have. With more, select(2) fails in old programs, and
 * those that close whatever may be open take seconds to do so.
 */
const USUAL = 1024n;

export interface OpenFilesLimit {
  /** The agent's own: Node.js allows itself as many as it may. */
  own(): void;
  usual(): void;
}

let known: OpenFilesLimit | 'none' | undefined;

/** @returns undefined where it need not be changed, or C functions cannot be called */
export function openFilesLimit(): OpenFilesLimit | undefined {
  known ??= look();
  return known === 'none' ? undefined : known;
}

function look(): OpenFilesLimit | 'none' {
  try {
    const { func } = libc();
    type Call = (resource: number, limits: BigUint64Array) => number;
    const getrlimit = func<Call>('int getrlimit(int resource, void *limits)');
    const setrlimit = func<Call>('int setrlimit(int resource, const void *limits)');
    const own = new BigUint64Array(2);
    if (getrlimit(RLIMIT_NOFILE, own) !== 0) return 'none';
    const [soft, hard] = own as unknown as [bigint, bigint];
    if (soft <= USUAL) return 'none';
    const usual = BigUint64Array.of(USUAL, hard);
    return {
      own: () => void setrlimit(RLIMIT_NOFILE, own),
      usual: () => void setrlimit(RLIMIT_NOFILE, usual),
    };
  } catch {
    return 'none';
  }
}
