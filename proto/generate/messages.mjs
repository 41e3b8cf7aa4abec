const TYPES = {
  double: 'number',
  uint32: 'number',
  int32: 'number',
  int64: 'number',
  uint64: 'Uint64',
  bool: 'boolean',
  string: 'string',
  bytes: 'Uint8Array',
  map: 'Readonly<Record<string, string>>',
};

const doc = (comment, indent = '') =>
  comment ? `${indent}/** ${comment.trim().replaceAll('\n', ' ')} */\n` : '';

export function messagesSource({ enums, messages }) {
  return `
/** A 64-bit counter: a number while that is exact, else a bigint. */
export type Uint64 = number | bigint;
${enums.map(enumSource).join('')}${messages.map(interfaceSource).join('')}`;
}

function enumSource({ name, comment, values }) {
  const lines = values.map(([key, value]) => `  ${key}: ${value},`).join('\n');
  return `
${doc(comment)}export const ${name}: { ${values.map(([k, v]) => `readonly ${k}: ${v}`).join('; ')} } = {
${lines}
};
/** A value of {@link ${name}}; proto3 enums are open, so other numbers arrive too. */
export type ${name} = number;
`;
}

function interfaceSource({ name, comment, fields }) {
  if (fields.length === 0)
    return `\n${doc(comment)}export type ${name} = Readonly<Record<never, never>>;\n`;
  const lines = fields.map((f) => {
    const base = f.kind === 'message' || f.kind === 'enum' ? f.type : TYPES[f.kind];
    const type = f.repeated ? `readonly ${base}[]` : base;
    return `${doc(f.comment, '  ')}  readonly ${f.name}${f.presence ? '?' : ''}: ${type}${f.presence ? ' | undefined' : ''};\n`;
  });
  return `\n${doc(comment)}export interface ${name} {\n${lines.join('')}}\n`;
}
