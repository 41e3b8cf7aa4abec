// Node and nothing else: tells that its program runs, and stays.
require('node:fs').writeSync(1, 'up\n');
setInterval(() => undefined, 1 << 30);
