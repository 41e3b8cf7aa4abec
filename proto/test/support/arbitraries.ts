import fc from 'fast-check';
import { ENUMS, FIELDS } from '../../src/gen/tables.ts';
import type { FieldRow } from '../../src/json.ts';

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

/** As a decoder gives it: a number where that is exact. */
const uint64 = fc
  .oneof(
    fc.bigInt(0n, 1000n),
    fc.bigInt(0n, MAX_UINT64),
    fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, MAX_UINT64),
  )
  .map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value));

const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: fc.string({ unit: 'binary', maxLength: 80 }),
  bytes: fc.uint8Array({ maxLength: 80 }),
  bool: fc.boolean(),
  double: fc.double(),
  uint32: fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffff_ffff })),
  int32: fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer()),
  int64: fc.oneof(fc.maxSafeInteger(), fc.integer()),
  uint64,
  map: fc
    .array(
      fc.tuple(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '')),
        fc.string(),
      ),
      {
        maxLength: 4,
      },
    )
    .map((entries) => {
      const map = Object.create(null) as Record<string, string>;
      for (const [key, value] of entries) map[key] = value;
      return map;
    }),
};

/** Any message of a type of the schema, with every field there or not. */
export function anyMessage(type: string): fc.Arbitrary<Record<string, unknown>> {
  const rows = FIELDS[type] ?? [];
  const fields = Object.fromEntries(rows.map((row) => [row.name, anyField(row)]));
  return fc.record(fields, { requiredKeys: [] });
}

function anyField(row: FieldRow): fc.Arbitrary<unknown> {
  const one = anyValue(row);
  return row.repeated ? fc.array(one, { maxLength: 4 }) : one;
}

function anyValue({ kind, type }: FieldRow): fc.Arbitrary<unknown> {
  if (kind === 'message') return anyMessage(type as string);
  if (kind !== 'enum') return SCALARS[kind] as fc.Arbitrary<unknown>;
  return fc.oneof(fc.constantFrom(...Object.values(ENUMS[type as string] ?? {})), fc.integer());
}
