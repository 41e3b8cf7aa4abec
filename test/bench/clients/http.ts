import { connect } from 'node:net';

export interface PreparedRequest {
  /** Without a path: `http://127.0.0.1:9180`. */
  readonly origin: string;
  readonly path: string;
  readonly token: string;
  readonly body: object;
}

const BLANK_LINE = '\r\n\r\n';

/**
 * A POST that is sent again and again, encoded beforehand, over one connection. The answer is cut
 * by its length and looked at only for failure: Node's own client would take as long as the server.
 * @returns sends it once, and resolves when it was answered with a 200
 */
export async function prepareRequest({
  origin,
  path,
  token,
  body,
}: PreparedRequest): Promise<() => Promise<void>> {
  const { hostname, port, host } = new URL(origin);
  const content = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(content)}`,
  ];
  const bytes = Buffer.from(head.join('\r\n') + BLANK_LINE + content);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  let waiting: PromiseWithResolvers<void> | undefined;
  let received = '';
  socket.setEncoding('latin1').on('data', (part) => {
    received += part;
    const end = received.indexOf(BLANK_LINE);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1]);
    if (end < 0 || received.length < end + BLANK_LINE.length + length) return;
    if (received.startsWith('HTTP/1.1 200 ')) waiting?.resolve();
    else waiting?.reject(new Error(`the gateway answered ${received}`));
    received = '';
  });
  socket.once('close', () => waiting?.reject(new Error('the gateway closed the connection')));
  return () => {
    waiting = Promise.withResolvers();
    socket.write(bytes);
    return waiting.promise;
  };
}
