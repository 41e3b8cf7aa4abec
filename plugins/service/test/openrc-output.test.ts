import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readScript } from '../src/linux/openrc/init-script.ts';
import { parseRunlevels, parseStatus } from '../src/linux/openrc/status.ts';

// Version 0.45 (Debian 12) also runs for real in openrc.test.ts.
const STATUS = ` * Caching service dependencies ... [ ok ]
 chronyd                                                           [  started  ]
 crond                                                [  started 1 day(s) 02:03:04 (0) ]
 docker                                                            [  crashed  ]
 hostname                                                          [  stopped  ]
 wpa_supplicant                                                    [  inactive  ]
 a-service-whose-name-is-longer-than-all-the-room-that-there-is-in-a-line [  starting  ]
 sshd                                                              [ unsupervised ]
 other                                                             [  newword  ]
`;

const RUNLEVELS = `               chronyd |      default                           
                crond |      default boot                      
               docker |                                        
`;

describe('what rc-status prints', () => {
  it('is read', () => {
    expect([...parseStatus(STATUS)]).toEqual([
      ['chronyd', 'running'],
      ['crond', 'running'],
      ['docker', 'failed'],
      ['hostname', 'stopped'],
      ['wpa_supplicant', 'running'],
      ['a-service-whose-name-is-longer-than-all-the-room-that-there-is-in-a-line', 'starting'],
      ['sshd', 'failed'],
      ['other', ''],
    ]);
  });

  it('can be anything without a failure', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseStatus(text)));
    fc.assert(fc.property(fc.string(), (text) => void parseRunlevels(text)));
  });
});

it('what rc-update prints is read', () => {
  expect([...parseRunlevels(RUNLEVELS)]).toEqual([
    ['chronyd', ['default']],
    ['crond', ['default', 'boot']],
    ['docker', []],
  ]);
});

describe('an init script', () => {
  const directory = mkdtempSync(join(tmpdir(), 'init-script-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'script');

  it.each([
    ['description="Serves the web"', 'Serves the web'],
    ["description='It is'", 'It is'],
    ['description=Short', 'Short'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's own
    ['description="Starts ${name}"', ''],
    ['description="$(reboot)"', ''],
    ['description=`reboot`', ''],
    ['\tdescription="of a function"', ''],
    ['no_description="x"', ''],
    ['', ''],
  ])('%j is described as %j', (line, description) => {
    writeFileSync(path, `#!/sbin/openrc-run\nname="daemon"\n${line}\n\ndepend() {\n  :\n}\n`);
    expect(readScript(path)).toEqual({ displayName: 'daemon', description });
  });

  it('that is not there says nothing', () => {
    expect(readScript(join(directory, 'none'))).toEqual({ displayName: '', description: '' });
  });
});
