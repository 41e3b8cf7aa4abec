import type { FastifyInstance } from 'fastify';
import { Refusal } from './problem.ts';

/** Tells a path that does not exist from one that takes another method. */
export function addNotFound(app: FastifyInstance): void {
  const methods = new Map<string, { readonly path: RegExp; readonly allowed: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const path = new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`);
    const known = methods.get(url) ?? { path, allowed: new Set() };
    methods.set(url, known);
    for (const name of [method].flat()) known.allowed.add(name);
  });
  app.setNotFoundHandler(({ method, url }) => {
    const path = url.split('?', 1)[0] as string;
    const known = [...methods.values()].find((route) => route.path.test(path));
    if (!known) {
      throw new Refusal(404, 'UNKNOWN_MESSAGE_TYPE', {
        detail: `${method} ${path} is no route of this gateway`,
        resolution: 'Check the path',
      });
    }
    const allow = [...known.allowed].join(', ');
    throw new Refusal(
      405,
      'UNKNOWN_MESSAGE_TYPE',
      { detail: `${path} does not take ${method}`, resolution: `Use ${allow}` },
      { allow },
    );
  });
}
