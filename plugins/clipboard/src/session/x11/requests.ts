// Requests of the X11 core protocol and of its XFixes extension, each as its bytes.
import { padded } from './setup.ts';

/** An atom, window or property; 0 is None. */
export type Id = number;

/** Atoms that every server has. */
export const ATOM: Id = 4;
export const INTEGER: Id = 19;
export const STRING: Id = 31;

export const NONE = 0;
export const CURRENT_TIME = 0;
export const PROPERTY_CHANGES = 0x40_0000;

/** One property of one window. */
export interface Property {
  readonly window: Id;
  readonly property: Id;
}

const INPUT_ONLY = 2;
const EVENT_MASK = 0x800;

/** A window of one pixel that is never shown: selections belong to windows. */
export function createWindow(window: Id, parent: Id, eventMask: number): Buffer {
  const body = Buffer.alloc(28);
  body.writeUInt32LE(window, 0);
  body.writeUInt32LE(parent, 4);
  body.writeUInt16LE(1, 12);
  body.writeUInt16LE(1, 14);
  body.writeUInt16LE(INPUT_ONLY, 18);
  body.writeUInt32LE(EVENT_MASK, 24);
  return request(1, 0, body, words(eventMask));
}

export function selectEvents(window: Id, eventMask: number): Buffer {
  return request(2, 0, words(window, EVENT_MASK, eventMask));
}

export function internAtom(name: string): Buffer {
  const text = Buffer.from(name, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt16LE(text.length);
  return request(16, 0, length, padded(text));
}

/** @param mode to replace what the property holds, or to append to it */
export function changeProperty(
  { window, property }: Property,
  type: Id,
  format: 8 | 32,
  data: Buffer,
  mode: 'replace' | 'append' = 'replace',
): Buffer {
  const count = data.length / (format / 8);
  const body = words(window, property, type, format, count);
  return request(18, mode === 'replace' ? 0 : 2, body, padded(data));
}

export function deleteProperty({ window, property }: Property): Buffer {
  return request(19, 0, words(window, property));
}

/** Takes the property from the window if it is no longer than `maxBytes`. */
export function takeProperty({ window, property }: Property, maxBytes: number): Buffer {
  const anyType = 0;
  return request(20, 1, words(window, property, anyType, 0, Math.ceil(maxBytes / 4)));
}

export function setSelectionOwner(owner: Id, selection: Id, time: number): Buffer {
  return request(22, 0, words(owner, selection, time));
}

export function getSelectionOwner(selection: Id): Buffer {
  return request(23, 0, words(selection));
}

export function convertSelection(
  { window, property }: Property,
  selection: Id,
  target: Id,
): Buffer {
  return request(24, 0, words(window, selection, target, property, CURRENT_TIME));
}

/** Tells who asked for a selection that it is in the property, or with NONE that it is not. */
export function selectionNotify(
  { window, property }: Property,
  {
    selection,
    target,
    time,
  }: { readonly selection: Id; readonly target: Id; readonly time: number },
): Buffer {
  const event = words(31, time, window, selection, target, property, 0, 0);
  return request(25, 0, words(window, 0), event);
}

export function queryExtension(name: string): Buffer {
  const text = Buffer.from(name, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt16LE(text.length);
  return request(98, 0, length, padded(text));
}

/** @param opcode of XFixes at this server */
export function xfixesVersion(opcode: number): Buffer {
  return request(opcode, 0, words(5, 0));
}

/** Asks to be told of new owners, and of owners that went away. */
export function watchSelection(opcode: number, window: Id, selection: Id): Buffer {
  return request(opcode, 2, words(window, selection, 0b111));
}

export function words(...values: number[]): Buffer {
  const body = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) body.writeUInt32LE(value, 4 * index);
  return body;
}

function request(opcode: number, detail: number, ...parts: Buffer[]): Buffer {
  const start = Buffer.alloc(4);
  const length = parts.reduce((sum, part) => sum + part.length, start.length);
  start[0] = opcode;
  start[1] = detail;
  start.writeUInt16LE(length / 4, 2);
  return Buffer.concat([start, ...parts], length);
}
