import { AgentError } from '@limiquantix/plugin-sdk';

/** PATH_MAX: the kernel takes no longer one. */
const LONGEST = 4096;
/** What most hosts send, told apart in a sixth of the time: a chunk's path is looked at each time. */
const AS_USED = /^(?:\/(?!\.\.?(?:\/|$))[^/\0]+)+$/;

/**
 * A host's path as the plugin uses it: absolute, without `.`, empty components and a slash
 * at its end. Only its form is looked at; links are the kernel's.
 * @throws AgentError PATH_TRAVERSAL_BLOCKED, FILE_NOT_FOUND where it is too long to exist
 */
export function parsePath(path: string): string {
  if (path.length > LONGEST) {
    throw new AgentError('FILE_NOT_FOUND', {
      detail: `a path of ${path.length} characters`,
      resolution: `A path has at most ${LONGEST} bytes`,
    });
  }
  if (AS_USED.test(path)) return path;
  if (!path.startsWith('/')) {
    throw refused(
      path === '' ? 'the path is empty' : `"${path}" is relative`,
      'Give the absolute path, beginning with /',
    );
  }
  if (path.includes('\0')) throw refused('the path holds a NUL', 'Remove the NUL character');
  const components = path.split('/').filter((name) => name !== '' && name !== '.');
  if (components.includes('..')) throw refused(`"${path}" has the component ".."`);
  return `/${components.join('/')}`;
}

/** A directory's path and a name in it. */
export function joinPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

function refused(detail: string, resolution?: string): AgentError {
  return new AgentError('PATH_TRAVERSAL_BLOCKED', { detail, resolution });
}
