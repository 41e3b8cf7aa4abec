import { describe, expect, it } from 'vitest';
import { HELP, parseArguments } from '../src/arguments.ts';

const none = { config: undefined, device: undefined, logLevel: undefined };

describe('the command line', () => {
  it.each([
    [[], { action: 'run', ...none }],
    [['--check-config'], { action: 'check-config', ...none }],
    [['--capabilities'], { action: 'capabilities', ...none }],
    [['--errors'], { action: 'errors', ...none }],
    [['--version'], { action: 'version', ...none }],
    [['--help'], { action: 'help', ...none }],
    [['-h'], { action: 'help', ...none }],
    [['--config', '/x.yaml'], { action: 'run', ...none, config: '/x.yaml' }],
    [
      ['--config=/x.yaml', '--check-config'],
      { action: 'check-config', ...none, config: '/x.yaml' },
    ],
    [['--device', 'unix:/run/x'], { action: 'run', ...none, device: 'unix:/run/x' }],
    [['--device', 'vsock:1023'], { action: 'run', ...none, device: 'vsock:1023' }],
    [['--log-level', 'debug'], { action: 'run', ...none, logLevel: 'debug' }],
  ])('%j', (argv, expected) => {
    expect(parseArguments(argv)).toEqual(expected);
  });

  it('helps before it does anything else', () => {
    expect(parseArguments(['--check-config', '--help']).action).toBe('help');
  });

  it.each([
    [['--no-such-option'], "Unknown option '--no-such-option'"],
    [['file'], "Unexpected argument 'file'"],
    [['--config'], "Option '--config <value>' argument missing"],
    [['--config='], '--config needs a value'],
    [['--device', ''], '--device needs a value'],
    [['--device', 'vsock:1024'], '--device must be auto, '],
    [['--device', 'vsock:'], 'a port from 1 to 1023'],
    [['--log-level', 'loud'], '--log-level must be one of trace, debug, info, warn, error'],
    [['--version=1'], "Option '--version' does not take an argument"],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });

  it('is explained in full by --help', () => {
    const explained = [...HELP.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option);
    expect(explained).toEqual([
      '--config',
      '--device',
      '--log-level',
      '--check-config',
      '--capabilities',
      '--errors',
      '--version',
      '--help',
    ]);
    for (const option of explained) {
      const parse = () => parseArguments([option as string, ...value(option as string)]);
      expect(parse).not.toThrow();
    }
  });
});

function value(option: string): string[] {
  if (option === '--log-level') return ['warn'];
  return option === '--config' || option === '--device' ? ['/x'] : [];
}
