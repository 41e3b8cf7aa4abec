/** What JSON needs to know of each message; see json.ts. */
export function tablesSource({ enums, messages }) {
  const enumRows = enums.map(
    ({ name, values }) =>
      `  ${name}: { ${values.map(([key, value]) => `${key.toLowerCase()}: ${value}`).join(', ')} },\n`,
  );
  const rows = messages
    .filter((m) => m.name !== 'AgentMessage')
    .map(({ name, fields }) => {
      const lines = fields.map((f) => {
        const type = f.type ? `, type: '${f.type}'` : '';
        return `    { name: '${f.name}', json: '${f.wireName}', kind: '${f.kind}'${type}${f.repeated ? ', repeated: true' : ''}${f.presence ? ', presence: true' : ''} },\n`;
      });
      return `  ${name}: [${lines.length > 0 ? `\n${lines.join('')}  ` : ''}],\n`;
    });
  return `import type { EnumTable, FieldRow } from '../json.ts';

export const ENUMS: Readonly<Record<string, EnumTable>> = {
${enumRows.join('')}};

export const FIELDS: Readonly<Record<string, readonly FieldRow[]>> = {
${rows.join('')}};
`;
}
