import { hostname, machine, release } from 'node:os';
import { expect, test } from 'vitest';
import { domainOf, readOsInfo } from '../src/guest/os-info.ts';

test('says what the kernel says', () => {
  expect(readOsInfo()).toMatchObject({
    kernel: release(),
    architecture: machine(),
    hostname: hostname(),
  });
});

test('the domain is that of a full name', () => {
  expect(domainOf('web-1.example.org', 'nis.example')).toBe('example.org');
});

test("else it is the kernel's, where that is set", () => {
  expect(domainOf('web-1', 'nis.example')).toBe('nis.example');
  expect(domainOf('web-1', '(none)')).toBe('');
  expect(domainOf('web-1', '')).toBe('');
});
