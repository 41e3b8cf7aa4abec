import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWlrRandr } from '../src/linux/wlr-randr-listing.ts';
import { parseXrandr } from '../src/linux/xrandr-listing.ts';
import { chooseOutput, modeOfSize } from '../src/output.ts';

const recorded = (name: string) =>
  readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'utf8');
const dummy = recorded('xrandr-1.5.1-debian-12-dummy');
const phoc = recorded('wlr-randr-0.2.0-debian-12-phoc');

/** A recorded text with some of its characters changed, or any text at all. */
function spoiled(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 12 }));
  return fc.oneof(
    fc.string(),
    fc
      .array(change, { maxLength: 8 })
      .map((changes) =>
        changes.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text),
      ),
  );
}

describe('what xrandr lists', () => {
  it('is read of a server with many outputs', () => {
    const listing = parseXrandr(dummy);
    expect(listing).toMatchObject({
      minimum: { width: 64, height: 64 },
      maximum: { width: 32_767, height: 32_767 },
    });
    expect(listing?.outputs).toHaveLength(16);
    const [first] = listing?.outputs ?? [];
    expect(first).toMatchObject({
      name: 'DUMMY0',
      connected: true,
      primary: true,
      current: { width: 1000, height: 700 },
    });
    expect(first?.modes.map((mode) => `${mode.name} ${mode.width}x${mode.height}`)).toEqual([
      '1024x768 1024x768',
      '1024x576 1024x576',
      '960x540 960x540',
      '800x600 800x600',
      '800x600 800x600',
      '640x480 640x480',
      '1000x700_lqx 1000x700',
    ]);
    // What belongs to no output comes last.
    expect(listing?.outputs.at(-1)?.modes).toMatchObject([{ name: 'spare', plain: false }]);
  });

  it('is read of a server of one size', () => {
    expect(parseXrandr(recorded('xrandr-1.5.1-debian-12-xvfb'))).toMatchObject({
      maximum: { width: 1280, height: 800 },
      outputs: [{ name: 'screen', connected: true, primary: false, modes: [{ width: 1280 }] }],
    });
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(spoiled(dummy), (text) => {
        for (const { modes, name } of parseXrandr(text)?.outputs ?? []) {
          expect(name).toMatch(/^\S+$/);
          for (const { id, width, height } of modes) {
            expect(id).toMatch(/^0x[0-9a-f]+$/);
            expect(Number.isInteger(width) && Number.isInteger(height)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('what wlr-randr lists', () => {
  it('is read, of an output that is off too', () => {
    const off = phoc.replace('Enabled: yes', 'Enabled: no');
    expect(parseWlrRandr(off)).toMatchObject([
      { name: 'HEADLESS-2', current: undefined },
      {
        name: 'HEADLESS-1',
        current: { width: 1280, height: 720 },
        modes: [{ width: 1280, height: 720, refresh: 60 }],
      },
    ]);
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(spoiled(phoc), (text) => {
        for (const { name } of parseWlrRandr(text)) expect(name).toMatch(/^\S+$/);
      }),
    );
  });
});

describe('an output', () => {
  const output = (name: string, connected: boolean, primary = false) =>
    ({ name, connected, primary, current: undefined, modes: [] }) as const;
  const outputs = [output('A', false), output('B', true), output('C', true, true)];

  it('is the one that is named, if it is connected', () => {
    expect(chooseOutput(outputs, 'B')?.name).toBe('B');
    expect(chooseOutput(outputs, 'A')).toBeUndefined();
    expect(chooseOutput(outputs, '--help')).toBeUndefined();
  });

  it('is the primary, else the first that is connected', () => {
    expect(chooseOutput(outputs, '')?.name).toBe('C');
    expect(chooseOutput(outputs.slice(0, 2), '')?.name).toBe('B');
    expect(chooseOutput([], '')).toBeUndefined();
  });
});

describe('a mode', () => {
  const mode = (refresh: number, plain = true) =>
    ({ id: `${refresh}`, name: 'x', width: 800, height: 600, refresh, plain }) as const;

  it('is the one nearest to 60 Hz, and not interlaced', () => {
    const modes = [mode(75), mode(60.3), mode(50), mode(60, false)];
    expect(modeOfSize(modes, { width: 800, height: 600 })?.id).toBe('60.3');
    expect(modeOfSize(modes, { width: 801, height: 600 })).toBeUndefined();
  });
});
