/** The headless node's contract as a process: its first line, its streams, its ends and its exit codes. */
import { describe, expect, it } from 'vitest';
import { useHouse } from './support.ts';

const house = useHouse();

const request = (id: unknown, method: string, params?: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })}\n`;

describe('a headless node', () => {
  it('says ready first, with its version, peer id and addresses, and writes nothing but JSON-RPC', async () => {
    const profile = house.directory();
    const first = await house.start({ profile, logLevel: 'trace' });
    await first.call('identity.create', { displayName: 'Ana' });
    const info = await first.call('app.info', {});
    expect(await first.end()).toEqual({ code: 0, signal: null });

    const node = await house.start({ profile, logLevel: 'trace' });
    const ready = JSON.parse(node.lines[0] ?? '') as unknown;
    expect(ready).toEqual({
      jsonrpc: '2.0',
      method: 'ready',
      params: { version: info.version, peerId: info.peerId, listenAddresses: [expect.any(String)] },
    });
    expect((await node.call('app.info', {})).listenAddresses).toEqual((await node.ready).listenAddresses);
    expect((await node.ready).listenAddresses[0]).toMatch(
      new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/${info.peerId}$`),
    );
    await node.call('conversation.create', { name: 'Choir' });
    expect(await node.end()).toEqual({ code: 0, signal: null });
    expect(node.log).toContain('"msg":"listening"');
    for (const line of [...first.lines, ...node.lines]) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
  });

  it('answers a batch in one line, leaves notifications unanswered, and takes blank lines', async () => {
    const node = await house.start({ profile: house.directory() });
    node.write(
      `${JSON.stringify([
        { jsonrpc: '2.0', id: 'a', method: 'identity.status' },
        { jsonrpc: '2.0', method: 'identity.status' },
        { jsonrpc: '2.0', id: 'b', method: 'app.nothing' },
        7,
      ])}\n`,
    );
    node.write(`\n  \r\n${JSON.stringify([{ jsonrpc: '2.0', method: 'app.info' }])}\n`);
    node.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'app.info' })}\n${request(null, 'identity.status')}`);
    await node.waitForLine((line) => line['id'] === null);
    expect(node.lines.slice(1).map((line) => JSON.parse(line) as unknown)).toEqual([
      [
        { jsonrpc: '2.0', id: 'a', result: { exists: false, keychain: 'file' } },
        expect.objectContaining({ id: 'b', error: expect.objectContaining({ code: -32601 }) as unknown }),
        expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) as unknown }),
      ],
      { jsonrpc: '2.0', id: null, result: { exists: false, keychain: 'file' } },
    ]);
  });

  it('exits with 2 and tells its usage on standard error for a wrong command line', async () => {
    for (const env of [
      { profile: '', logLevel: 'error' as const },
      { profile: house.directory(), connect: ['/ip4/127.0.0.1/tcp/1', '--no-such-option'] },
    ]) {
      const node = house.launch(env);
      expect(await node.ended).toEqual({ code: 2, signal: null });
      expect(node.lines).toEqual([]);
      expect(node.log).toContain('Usage: npm run --silent headless -- --profile DIR');
    }
  });

  it('exits with 3 and names the profile when another process has it, which goes on undisturbed', async () => {
    const profile = house.directory();
    const node = await house.start({ profile });
    const second = house.launch({ profile });
    expect(await second.ended).toEqual({ code: 3, signal: null });
    expect(second.lines).toEqual([]);
    expect(second.log).toContain(profile);
    await node.call('identity.create', { displayName: 'Ana' });
    await node.kill('SIGKILL');
    const third = await house.start({ profile });
    expect(await third.call('identity.status', {})).toMatchObject({ exists: true, displayName: 'Ana' });
  });

  it('exits with 1 and a sentence when it cannot listen where it was told to', async () => {
    const { node, profile } = await house.person('Ana');
    const { listenAddresses } = await node.call('app.info', {});
    const taken = listenAddresses[0]?.replace(/\/p2p\/.*$/, '') ?? '';
    const other = await house.person('Bo');
    await other.node.end();
    const blocked = house.launch({ profile: other.profile, listen: [taken] });
    expect(await blocked.ended).toEqual({ code: 1, signal: null });
    expect(blocked.log).toContain('Conclave could not start');
    expect(blocked.lines).toEqual([]);
    expect(profile).not.toBe(other.profile);
    const again = await house.start({ profile: other.profile });
    expect(await again.call('identity.status', {})).toMatchObject({ displayName: 'Bo' });
  });
});

describe('the end of a headless node', () => {
  it('comes with the end of its input, after every answer in flight was delivered', async () => {
    const { node } = await house.person('Ana');
    const count = 40;
    for (let id = 0; id < count; id += 1)
      node.write(request(`create ${id}`, 'conversation.create', { name: `Group ${id}` }));
    // The last line has no line break: the end of the input ends it.
    node.write(request('last', 'conversation.list').trimEnd());
    expect(await node.end()).toEqual({ code: 0, signal: null });
    const answers = node.lines.map((line) => JSON.parse(line) as { id?: unknown; result?: unknown });
    for (let id = 0; id < count; id += 1)
      expect(answers.find((answer) => answer.id === `create ${id}`)).toMatchObject({
        result: { conversationId: expect.any(String) as unknown },
      });
    expect(answers.find((answer) => answer.id === 'last')).toHaveProperty('result');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'comes with %s, with exit code 0 and nothing lost',
    async (signal) => {
      const person = await house.person('Ana');
      const { conversationId } = await person.node.call('conversation.create', { name: 'Choir' });
      const sent = Array.from({ length: 30 }, (_, index) =>
        person.node.call('message.send', { conversationId, text: `line ${index}` }).then(
          ({ messageId }) => messageId,
          () => undefined,
        ),
      );
      await sent[0];
      expect(await person.node.kill(signal)).toEqual({ code: 0, signal: null });
      const answered = (await Promise.all(sent)).filter((id) => id !== undefined);
      expect(answered.length).toBeGreaterThan(0);
      await house.restart(person);
      const { messages } = await person.node.call('message.list', { conversationId, limit: 200 });
      expect(messages.map((message) => message.messageId)).toEqual(expect.arrayContaining(answered));
    },
  );

  it('comes with app.shutdown, which is answered first', async () => {
    const node = await house.start({ profile: house.directory() });
    expect(await node.call('app.shutdown', {})).toEqual({});
    expect(await node.ended).toEqual({ code: 0, signal: null });
  });

  it('comes when the reader of its output has gone', async () => {
    const person = await house.person('Ana');
    person.node.process.stdout?.destroy();
    person.node.write(request('x', 'conversation.create', { name: 'Unheard' }));
    person.node.write(request('y', 'conversation.create', { name: 'Unheard' }));
    expect(await person.node.ended).toEqual({ code: 0, signal: null });
  });
});
