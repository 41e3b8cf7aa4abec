import { createServer } from 'node:net';

createServer((socket) => {
  socket.on('data', (chunk) => socket.write(chunk)).on('error', () => socket.destroy());
}).listen(process.argv[2]);
