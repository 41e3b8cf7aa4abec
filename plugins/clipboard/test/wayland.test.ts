import { SOMEBODY, startCompositor } from '../../display/test/desktops.ts';
import { wlClipboard } from './clients.ts';
import { describeClipboard } from './describe-clipboard.ts';
import { bundleOnce } from './running.ts';

bundleOnce();

describeClipboard({
  name: 'Wayland',
  needs: ['sway', 'wl-copy', 'wl-paste'],
  uid: SOMEBODY,
  open: (options) => startCompositor('sway', options),
  clientOf: wlClipboard,
});
