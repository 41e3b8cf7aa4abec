import { SOMEBODY, startXvfb } from '../../display/test/desktops.ts';
import { xclip } from './clients.ts';
import { describeClipboard } from './describe-clipboard.ts';
import { bundleOnce } from './running.ts';

bundleOnce();

for (const [name, uid] of [
  ['X11, of root', 0],
  ['X11, of a user without rights', SOMEBODY],
] as const) {
  describeClipboard({ name, uid, needs: ['Xvfb', 'xclip'], open: startXvfb, clientOf: xclip });
}
