// Runs in the guest: a host that reaches the agent over vsock, by the guest's own loopback.
// `host.cjs PORT CASE` prints what it finds as JSON. It lies beside the agent, whose native
// module it uses.
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { AgentClient } from '@limiquantix/agent-client';
import { Execute, Ping } from '@limiquantix/agent-proto';
import { libc } from '@limiquantix/plugin-sdk/guest';
import { adoptDescriptor } from '../../../core/src/channel/descriptor-handle.ts';

const AF_VSOCK = 40;
const SOCK_STREAM_CLOEXEC = 0o2000001;
const CID_LOCAL = 1;
const MIB = 1024 * 1024;
const TRANSFER_BYTES = 32 * MIB;
const PEERS = 16;

const [port, wanted = ''] = [Number(process.argv[2]), process.argv[3]];
const relay = `/run/vsock-host-${process.pid}.sock`;

const cases: Record<string, (client: AgentClient) => Promise<unknown>> = {
  async ping(client) {
    await client.call(Ping, {});
    const begin = performance.now();
    for (let i = 0; i < 20; i++) await client.call(Ping, {});
    return { ms: (performance.now() - begin) / 20 };
  },

  async execute(client) {
    const { exitCode, stdout } = await client.call(Execute, { command: 'id -un' });
    return { exitCode, stdout: Buffer.from(stdout ?? []).toString() };
  },

  async transfer(client) {
    const file = '/root/transferred';
    const content = randomBytes(TRANSFER_BYTES);
    const upload = await megabytesPerSecond(() => client.upload(file, [content]));
    const written = readFileSync(file).equals(content);
    const chunks: Uint8Array[] = [];
    const download = await megabytesPerSecond(async () => {
      for await (const chunk of client.download(file)) chunks.push(Buffer.from(chunk));
    });
    rmSync(file);
    return { written, read: Buffer.concat(chunks).equals(content), upload, download };
  },

  async peers() {
    const clients = await Promise.all(
      Array.from({ length: PEERS }, () => AgentClient.connect({ path: relay })),
    );
    const answers = await Promise.all(
      clients.map((client, n) => client.call(Execute, { command: `echo ${n}` })),
    );
    await Promise.all(clients.map((client) => client.close()));
    return answers.map(({ stdout }) => Number(Buffer.from(stdout ?? []).toString()));
  },

  /** Holds on while the agent is restarted. */
  async restart(client) {
    await client.call(Execute, {
      command: 'systemd-run --on-active=1 --quiet systemctl restart limiquantix-agent',
    });
    const before = client.ready?.sessionId;
    const begin = performance.now();
    while ((client.ready?.sessionId ?? before) === before) {
      if (performance.now() - begin > 60_000) throw new Error('it did not come back');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await client.call(Ping, {});
    return { back: true };
  },
};

/** The client knows unix sockets: each connection to this one goes on over vsock. */
const server = createServer((local) => {
  local.on('error', () => undefined);
  const agent = dial();
  if (!agent) return void local.destroy();
  agent.on('error', () => undefined);
  agent.pipe(local).on('close', () => agent.destroy());
  local.pipe(agent).on('close', () => local.destroy());
});

function dial(): Socket | undefined {
  const { func } = libc();
  type MakeSocket = (family: number, type: number, protocol: number) => number;
  type Connect = (fd: number, address: Buffer, length: number) => number;
  const fd = func<MakeSocket>('int socket(int, int, int)')(AF_VSOCK, SOCK_STREAM_CLOEXEC, 0);
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_VSOCK, 0);
  address.writeUInt32LE(port, 4);
  address.writeUInt32LE(CID_LOCAL, 8);
  const connect = func<Connect>('int connect(int, const void *, unsigned int)');
  const status = connect(fd, address, address.length);
  const stream = new Socket({ handle: adoptDescriptor(fd) } as object);
  if (status === 0) return stream;
  stream.destroy();
  return undefined;
}

async function megabytesPerSecond(transfer: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await transfer();
  return TRANSFER_BYTES / 1e6 / ((performance.now() - begin) / 1000);
}

server.listen(relay, async () => {
  const client = await AgentClient.connect({ path: relay });
  const found = await cases[wanted]?.(client);
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit());
});
