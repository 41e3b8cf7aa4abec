import { readFile } from 'node:fs/promises';

/** The mount points at or below a directory whose links are resolved, as proc(5)'s mountinfo. */
export async function mountPointsIn(directory: string): Promise<string[]> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  return mountinfo
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((mountPoint) => mountPoint === directory || mountPoint.startsWith(`${directory}/`));
}

/** Space, tab, newline and backslash are written in octal. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
