import { AgentError } from '@limiquantix/agent-proto';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { badRequest } from './problem.ts';
import type { Schema } from './schema.ts';

/** With ajv's `verbose`, an error carries the schema that it broke. */
type Broken = FastifySchemaValidationError & { readonly parentSchema?: Schema };

/**
 * Names the field and what is allowed.
 * @param part `body`, `querystring` or `params`
 */
export function validationError(
  errors: readonly FastifySchemaValidationError[],
  part: string,
): AgentError {
  // Of alternatives the last error is the one that speaks for all of them.
  return new AgentError('INVALID_MESSAGE', badRequest(sentence(errors.at(-1) as Broken, part)));
}

function sentence({ keyword, instancePath, params, parentSchema, message }: Broken, part: string) {
  const field = instancePath.slice(1).replaceAll('/', '.');
  switch (keyword) {
    case 'required':
      return `${params.missingProperty} is required`;
    case 'additionalProperties': {
      const where = part === 'querystring' ? 'query' : part;
      const known = Object.keys((parentSchema?.properties as Schema | undefined) ?? {});
      const allowed = known.length > 0 ? `: it takes ${known.join(', ')}` : '';
      return `${params.additionalProperty} is no field of this request's ${where}${allowed}`;
    }
    default: {
      const allowed = parentSchema?.description;
      return `${field || part} ${allowed ? `must be ${allowed}` : message}`;
    }
  }
}
