import { duplexPair } from 'node:stream';
import { PluginEmitted } from '@limiquantix/agent-proto';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { expect, it, onTestFinished } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { Host } from '../host.ts';

it('an event goes to every host, or to the one that it is for', async () => {
  const sessions = new Sessions();
  const connect = () => {
    const [near, far] = duplexPair();
    const session = new Session({
      stream: near,
      framing: 'auto',
      maxMessageBytes: 100_000,
      log: memoryLogger(),
      onRequest: () => undefined,
      onEnd: (ended) => sessions.remove(ended),
    });
    sessions.add(session);
    onTestFinished(() => session.end());
    return { session, host: new Host(far) };
  };
  const [one, two, gone] = [connect(), connect(), connect()];
  gone.session.end();
  expect(sessions.size).toBe(2);

  sessions.emit(PluginEmitted, { event: 'all' });
  sessions.emit(PluginEmitted, { event: 'second' }, two.session.id);
  sessions.emit(PluginEmitted, { event: 'nobody' }, gone.session.id);
  sessions.emit(PluginEmitted, { event: 'end' });

  const said = async ({ host }: typeof one, count: number) => {
    await host.first(() => host.received.length === count);
    return host.received.map((message) => host.event(message, PluginEmitted).event);
  };
  expect(await said(one, 2)).toEqual(['all', 'end']);
  expect(await said(two, 3)).toEqual(['all', 'second', 'end']);
  expect(gone.host.received).toEqual([]);
});
