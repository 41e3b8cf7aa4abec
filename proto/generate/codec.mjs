const DEFAULTS = { string: "''", bytes: 'NO_BYTES', bool: 'false', map: 'undefined' };
const READ = {
  string: 'r.stringVerify()',
  bytes: 'r.bytesView()',
  uint64: 'r.safeUint64()',
  int64: 'r.safeInt64()',
};
const WRITE = {
  uint64: (v) => `w.uint64(wireUint64(${v}))`,
  string: (v) => `w.string(wireString(${v}))`,
};

const read = (f) => READ[f.scalar] ?? `r.${f.scalar}()`;
const write = (f, v) => (WRITE[f.scalar] ?? ((x) => `w.${f.scalar}(${x})`))(v);
const tag = (f, wireType = f.wireType) => (f.number << 3) | wireType;

/** AgentMessage is opened and sealed by hand (envelope.ts), so it has no codec here. */
const generated = (messages) => messages.filter((m) => m.name !== 'AgentMessage');

export function codecSource({ messages }) {
  const own = generated(messages);
  return `import type * as M from './messages.ts';
import type { Init } from '../init.ts';
import type { Codec } from '../codec-type.ts';
import { NO_BYTES, stringMap, type WireReader } from '../wire-reader.ts';
import { type WireWriter, wireString, wireUint64 } from '../wire-writer.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
${own.map(decoderSource).join('')}${own.map(encoderSource).join('')}
${own.map(({ name }) => `export const ${name}: Codec<M.${name}> = { name: '${name}', read: read${name}, write: write${name} };\n`).join('')}`;
}

function decoderSource({ name, fields }) {
  const initial = fields.map((f) => `  ${f.name}: ${initialValue(f)},`).join('\n');
  const type = `Mutable<M.${name}>`;
  if (fields.length === 0) {
    return `
function read${name}(r: WireReader): M.${name} {
  while (r.pos < r.len) r.unknown(r.tag());
  return {};
}
`;
  }
  return `
function read${name}(r: WireReader, m: ${type} = {
${initial}
}): ${type} {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
${fields.map(caseSource).join('')}      default:
        r.unknown(tag);
    }
  }
  return m;
}
`;
}

function initialValue(f) {
  if (f.repeated) return '[]';
  if (f.kind === 'map') return 'stringMap()';
  if (f.presence) return 'undefined';
  return DEFAULTS[f.kind] ?? '0';
}

function caseSource(f) {
  const body = (text) => `      case ${tag(f)}:\n${text}        break;\n`;
  if (f.kind === 'map') return body(`        r.mapEntry(m.${f.name});\n`);
  if (f.kind === 'message') {
    const into = f.repeated ? '' : `, m.${f.name} as Mutable<M.${f.type}> | undefined`;
    const value = `read${f.type}(r${into})`;
    const store = f.repeated ? `m.${f.name}.push(${value})` : `m.${f.name} = ${value}`;
    return body(
      `        {\n          const outer = r.enter();\n          ${store};\n          r.leave(outer);\n        }\n`,
    );
  }
  if (!f.repeated) return body(`        r.scalar();\n        m.${f.name} = ${read(f)};\n`);
  const one = body(`        r.element();\n        m.${f.name}.push(${read(f)});\n`);
  if (!f.packable) return one;
  return `${one}      case ${tag(f, 2)}:
        {
          const outer = r.enter();
          while (r.pos < r.len) {
            r.element();
            m.${f.name}.push(${read(f)});
          }
          r.leave(outer);
        }
        break;
`;
}

function encoderSource({ name, fields }) {
  const used = fields.length > 0;
  return `
function write${name}(${used ? '' : '_'}m: Init<M.${name}>, ${used ? '' : '_'}w: WireWriter): void {
${fields.map(writeSource).join('')}}
`;
}

function writeSource(f) {
  const v = `m.${f.name}`;
  if (f.kind === 'map') {
    return `  if (${v}) {
    for (const key of Object.keys(${v})) {
      w.uint32(${tag(f)}).fork().uint32(10).string(wireString(key)).uint32(18).string(wireString(${v}[key] ?? '')).ldelim();
    }
  }
`;
  }
  if (f.kind === 'message') {
    const put = (x) =>
      `w.uint32(${tag(f)}).fork();\n`.concat(`    write${f.type}(${x}, w);\n    w.ldelim();\n`);
    return f.repeated
      ? `  for (const item of ${v} ?? []) {\n    ${put('item')}  }\n`
      : `  if (${v} !== undefined) {\n    ${put(v)}  }\n`;
  }
  if (f.packable) {
    return `  if (${v} !== undefined && ${v}.length > 0) {
    w.uint32(${tag(f, 2)}).fork();
    for (const item of ${v}) ${write(f, 'item')};
    w.ldelim();
  }
`;
  }
  if (f.repeated)
    return `  for (const item of ${v} ?? []) w.uint32(${tag(f)}).${write(f, 'item').slice(2)};\n`;
  return `  if (${guard(f, v)}) w.uint32(${tag(f)}).${write(f, v).slice(2)};\n`;
}

/** What differs from the default is written; NaN and -0 do. */
function guard(f, v) {
  if (f.presence) return `${v} !== undefined`;
  if (f.kind === 'bytes') return `${v} !== undefined && ${v}.length > 0`;
  if (f.kind === 'double') return `${v} !== undefined && !Object.is(${v}, 0)`;
  return v;
}
