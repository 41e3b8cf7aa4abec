import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

const GIB = 1024 ** 3;
const DIR = '/data/files';

describe('the files of a guest', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await restoreGuest();
    await guest.ok(`mkdir ${DIR}`);
  });
  afterAll(() => guest?.stop());

  const read = (path: string, offset = 0) => guest.rest('POST', '/files/read', { path, offset });
  const write = async (path: string, content: string, more: object = {}) => {
    const { status, body } = await guest.rest('POST', '/files/write', { path, content, ...more });
    return { status, code: body.code, bytes: body.bytes_written };
  };

  it('keep owner, mode and links when they are written anew; new ones are what is asked', async () => {
    await guest.ok(
      `cd ${DIR}; echo old >kept; chown tester:games kept; chmod 4750 kept; ln kept twin`,
    );
    expect(await write(`${DIR}/kept`, 'new\n')).toMatchObject({ status: 200 });
    expect(await write(`${DIR}/made`, 'x', { mode: 0o600 })).toMatchObject({ status: 200 });
    expect(await guest.ok(`cd ${DIR}; stat -c '%n %U %G %a %h' kept made; cat twin`)).toMatch(
      /^kept tester games \d*750 2\nmade root root 600 1\nnew$/,
    );
    const { body } = await guest.rest('POST', '/files/stat', { path: `${DIR}/kept` });
    expect(body.entry).toMatchObject({ owner: 'tester', group: 'games', size_bytes: 4 });
  });

  it('of 4 GiB and more are read and written in place, and stay sparse', async () => {
    const path = `${DIR}/sparse`;
    await guest.ok(`truncate -s ${5 * GIB} ${path}`);
    const offset = 4 * GIB + 12_345;
    expect(await write(path, 'beyond', { offset })).toMatchObject({ status: 200, bytes: 6 });
    const { body } = await read(path, offset - 1);
    expect(body).toMatchObject({ total_size: 5 * GIB, eof: false });
    const bytes = Buffer.from(body.content, body.encoding);
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\0beyond\0');
    const [size, blocks] = (await guest.ok(`stat -c '%s %b' ${path}`)).split(' ').map(Number);
    expect(size).toBe(5 * GIB);
    expect((blocks ?? 0) * 512).toBeLessThan(1024 * 1024);
  });

  it('of the kernel are read to their end, although they have no size', async () => {
    for (const path of ['/proc/cpuinfo', '/proc/self/mountinfo', '/sys/class/net/lo/address']) {
      const { status, body } = await read(path);
      expect({ path, status, body }).toMatchObject({ status: 200, body: { eof: true } });
      expect(body.size_bytes).toBeGreaterThan(0);
    }
    expect((await read('/proc/cpuinfo')).body.content.match(/^processor/gm)).toHaveLength(2);
    expect((await read('/sys/class/net/lo/address')).body.content).toBe('00:00:00:00:00:00\n');
    expect(await write('/proc/sys/kernel/domainname', 'example.org')).toMatchObject({
      status: 200,
    });
    expect(await guest.ok('cat /proc/sys/kernel/domainname')).toBe('example.org');
  });

  it('that are devices or pipes are refused, and nobody waits', async () => {
    await guest.ok(`mkfifo ${DIR}/fifo`);
    for (const path of [`${DIR}/fifo`, '/dev/vda', '/dev/watchdog', '/dev/zero', DIR]) {
      expect({ path, ...(await read(path)) }).toMatchObject({
        status: 400,
        body: { code: 'QXGA-4006' },
      });
    }
  });

  it('of a whole tree are copied over the host, as they are', async () => {
    await guest.ok(`cp -r /etc/systemd ${DIR}/tree; cd ${DIR}/tree; ln -s system link
mkdir empty; head -c 3000000 /dev/urandom >random; : >nothing; echo x >'ä b'`);
    await copyTree(`${DIR}/tree`, `${DIR}/copy`);
    expect(
      await guest.ok(`cd ${DIR}; rm tree/link; find tree -type l -delete; diff -r tree copy`),
    ).toBe('');
    expect(await guest.ok(`cd ${DIR}; ls copy | wc -l`)).toBe(
      await guest.ok(`ls ${DIR}/tree | wc -l`),
    );
  });

  /** Directories and regular files, through the host. */
  async function copyTree(from: string, to: string): Promise<void> {
    expect(await guest.rest('POST', '/files/mkdir', { path: to })).toMatchObject({ status: 200 });
    const { body } = await guest.rest('POST', '/files/list', { path: from, include_hidden: true });
    for (const { name, path, is_directory, is_symlink, mode } of body.entries) {
      if (is_symlink) continue;
      if (is_directory) {
        await copyTree(path, `${to}/${name}`);
        continue;
      }
      const content = await guest.gateway.call(
        'GET',
        `/files/content?${new URLSearchParams({ path })}`,
      );
      const target = new URLSearchParams({ path: `${to}/${name}`, mode: String(mode & 0o777) });
      const { status } = await fetch(`${guest.gateway.base}/files/content?${target}`, {
        method: 'PUT',
        headers: guest.gateway.headers,
        body: await content.arrayBuffer(),
      });
      expect({ name, status }).toEqual({ name, status: 200 });
    }
  }

  it('that grow are followed from where the last read ended', async () => {
    const path = `${DIR}/log`;
    await guest.ok(
      `: >${path}; setsid bash -c 'for n in $(seq 80); do echo "line $n" >>${path}; sleep 0.02; done' </dev/null >/dev/null 2>&1 &`,
    );
    let text = '';
    await expect
      .poll(
        async () => {
          const { status, body } = await read(path, Buffer.byteLength(text));
          expect(status).toBe(200);
          text += body.content;
          return text.endsWith('line 80\n');
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    expect(text).toBe(Array.from({ length: 80 }, (_, n) => `line ${n + 1}\n`).join(''));
  });

  it('that the guest protects are not written: immutable, read-only, full', async () => {
    await guest.ok(`cd ${DIR}; echo kept >immutable; chattr +i immutable
mkdir ro small; mount -t tmpfs -o ro none ro; mount -t tmpfs -o size=8M none small`);
    expect(await write(`${DIR}/immutable`, 'x')).toMatchObject({ status: 403, code: 'QXGA-4002' });
    expect(await write(`${DIR}/ro/file`, 'x')).toMatchObject({ status: 403, code: 'QXGA-4002' });
    const { status } = await fetch(`${guest.gateway.base}/files/content?path=${DIR}/small/file`, {
      method: 'PUT',
      headers: guest.gateway.headers,
      body: randomBytes(12 * 1024 * 1024),
    });
    expect(status).toBe(507);
    const removed = await guest.rest('POST', '/files/delete', { path: DIR, recursive: true });
    expect(removed).toMatchObject({ status: 409, body: { code: 'QXGA-4013' } });
    expect(await guest.ok(`cat ${DIR}/immutable`)).toBe('kept');
  });
});
