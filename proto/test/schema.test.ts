import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventCodec, requestCodec, responseCodec } from '../src/codec.ts';
import { EVENTS } from '../src/event.ts';
import { FIELDS } from '../src/gen/tables.ts';
import { METHODS, methodByName, methodOfRequest } from '../src/method.ts';
import { camel, PROTO_FILE, PROTO_PATH, payloadFields, typeNamed } from './support/schema.ts';

const member = (id: number) => payloadFields().find((field) => field.id === id);

describe('the methods', () => {
  it.each(METHODS)('$name is in the schema as in the table', (method) => {
    const request = member(method.request);
    expect(request?.name).toBe(method.name);
    expect(request?.type).toBe(requestCodec(method).name);
    const response = member(method.response);
    expect(response?.type).toBe(responseCodec(method).name);
    for (const [bulk, field] of [
      [method.bulk.request, request],
      [method.bulk.response, response],
    ] as const) {
      if (!bulk) continue;
      const target = typeNamed(field?.type as string).fieldsArray.find(
        (f) => camel(f.name) === bulk.name,
      );
      expect([target?.id, target?.type]).toEqual([bulk.number, 'bytes']);
    }
  });

  it('answer in the form that they say they do', () => {
    const flag = { success: 'success', accepted: 'accepted', exit_code: 'exitCode' } as const;
    for (const method of METHODS) {
      const names = (FIELDS[responseCodec(method).name] ?? []).map(({ name }) => name);
      if (method.failure === 'event') expect(names).not.toContain('error');
      else expect(names).toEqual(expect.arrayContaining([flag[method.failure], 'error']));
    }
  });

  it('are found by field and by name', () => {
    for (const method of METHODS) {
      expect(methodOfRequest(method.request)).toBe(method);
      expect(methodByName(method.name)).toBe(method);
    }
    expect(methodOfRequest(50)).toBeUndefined();
    expect(methodByName('pong')).toBeUndefined();
  });

  it('that an operator needs when all else is stuck are not limited', () => {
    const unlimited = METHODS.filter(({ limit }) => limit === 'none').map(({ name }) => name);
    expect(unlimited.sort()).toEqual([
      'cancel',
      'get_capabilities',
      'list_plugins',
      'ping',
      'thaw',
    ]);
    const control = METHODS.filter(({ limit }) => limit === 'control').map(({ name }) => name);
    expect(control).toEqual(['shutdown', 'plugin_control']);
  });
});

describe('the events', () => {
  it.each(EVENTS)('$name is in the schema as in the table', (event) => {
    expect(member(event.field)?.name).toBe(event.name);
    expect(member(event.field)?.type).toBe(eventCodec(event).name);
    if (!event.bulk) return;
    const { bulk } = event;
    const target = typeNamed(eventCodec(event).name).fieldsArray.find(
      (f) => camel(f.name) === bulk.name,
    );
    expect([target?.id, target?.type]).toEqual([bulk.number, 'bytes']);
  });
});

it('every payload of the schema is a request, a response or an event', () => {
  const known = [...METHODS.flatMap((m) => [m.request, m.response]), ...EVENTS.map((e) => e.field)];
  expect(new Set(known).size).toBe(known.length);
  expect(
    payloadFields()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(known.sort());
});

describe('the generated files', () => {
  it('are those of the schema', () => {
    execFileSync(process.execPath, [join(PROTO_PATH, 'generate/main.mjs'), '--check']);
  });

  it('are reported where they are not', () => {
    const copy = mkdtempSync(join(tmpdir(), 'agent-proto-'));
    try {
      for (const part of ['generate', 'limiquantix', 'src']) {
        cpSync(join(PROTO_PATH, part), join(copy, part), { recursive: true });
      }
      symlinkSync(join(PROTO_PATH, '../node_modules'), join(copy, 'node_modules'));
      appendFileSync(join(copy, PROTO_FILE), '\nmessage Added { bool field = 1; }\n');
      const check = spawnSync(process.execPath, [join(copy, 'generate/main.mjs'), '--check'], {
        encoding: 'utf8',
      });
      expect(check.status).toBe(1);
      for (const name of ['messages', 'codec', 'tables'])
        expect(check.stderr).toContain(`${name}.ts differs`);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
