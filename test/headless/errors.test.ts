/** Every error code of the App API's table, as a process answers it: its number, its name, and what comes with it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorNumbers, type ErrorCode } from '../../shared/api/errors.ts';
import { MAX_MESSAGE_TEXT_BYTES, MAX_RPC_BATCH, MAX_RPC_LINE_BYTES } from '../../shared/limits.ts';
import type { ConversationId, MemberId, MessageId, ProposalId } from '../../shared/model/ids.ts';
import type { HeadlessClient, RpcError } from './client.ts';
import { agree, askIn, errorOf, groupOf, useHouse, type Person } from './support.ts';

const house = useHouse('all');
const unknownConversation = 'a'.repeat(26) as ConversationId;
const nobody = '0x000000000000000000000000000000000000dEaD' as MemberId;

const answerSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]),
  error: z.strictObject({
    code: z.int(),
    message: z.string().min(1),
    data: z.strictObject({
      code: z.enum(Object.keys(errorNumbers) as [ErrorCode, ...ErrorCode[]]),
      state: z.string().optional(),
      limit: z.int().optional(),
      issues: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    }),
  }),
});

let ana: Person;
let bo: Person;
let conversationId: ConversationId;

beforeAll(async () => {
  [ana, bo] = await house.persons('Ana', 'Bo');
  conversationId = await groupOf([ana, bo]);
}, 60_000);

/** The error answer to a raw line. */
async function answerTo(
  node: HeadlessClient,
  line: string | Uint8Array,
): Promise<z.infer<typeof answerSchema>['error']> {
  const from = node.lines.length;
  node.write(line);
  node.write('\n');
  return answerSchema.parse(await node.waitForLine((answer) => 'error' in answer, { from })).error;
}

function expectError(error: RpcError, code: ErrorCode, data: object = {}): void {
  expect(error.data).toEqual({ code, ...data });
  expect(error.number).toBe(errorNumbers[code]);
}

describe('a line that is no request', () => {
  it.each([
    ['half an object', '{"jsonrpc":"2.0","id":1'],
    ['words', 'hello'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
  ])('ends in PARSE for %s', async (_, line) => {
    expect(await answerTo(ana.node, line)).toMatchObject({ code: -32700, data: { code: 'PARSE' } });
  });

  it.each([
    '[]',
    '1',
    'null',
    '{"id":1}',
    '{"jsonrpc":"1.0","id":1,"method":"app.info"}',
    '{"jsonrpc":"2.0","id":1,"method":5}',
  ])('ends in INVALID_REQUEST for %s', async (line) => {
    expect(await answerTo(ana.node, line)).toMatchObject({ code: -32600, data: { code: 'INVALID_REQUEST' } });
  });

  it('ends in TOO_LARGE with the limit for an endless line and for a batch of too many', async () => {
    const line = `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(MAX_RPC_LINE_BYTES)}"}`;
    const large = { code: 10, data: { code: 'TOO_LARGE', limit: MAX_RPC_LINE_BYTES } };
    expect(await answerTo(ana.node, line)).toMatchObject(large);
    const many = Array.from({ length: MAX_RPC_BATCH + 1 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'app.info' }));
    expect(await answerTo(ana.node, JSON.stringify(many))).toMatchObject({
      code: 10,
      data: { code: 'TOO_LARGE', limit: MAX_RPC_BATCH },
    });
    expect(await ana.node.call('identity.status', {})).toMatchObject({ displayName: 'Ana' });
  });
});

describe('a call that cannot be', () => {
  it.each(['app.nothing', 'constructor', '__proto__', 'toString', ''])(
    'ends in UNKNOWN_METHOD for %j',
    async (method) => {
      expect(await answerTo(ana.node, JSON.stringify({ jsonrpc: '2.0', id: 1, method }))).toMatchObject({
        code: -32601,
        data: { code: 'UNKNOWN_METHOD' },
      });
    },
  );

  it.each([
    ['message.send', { conversationId: 'x', text: 'hi' }, ['conversationId']],
    ['message.send', { conversationId: unknownConversation, text: ' ' }, ['text']],
    ['message.list', { conversationId: unknownConversation, limit: 0 }, ['limit']],
    ['identity.setDisplayName', { displayName: 'A\u0000' }, ['displayName']],
    ['identity.setDisplayName', { displayName: 'A', more: 1 }, ['more']],
    [
      'conversation.create',
      { name: 'A', settings: { freezeMs: 1, stewardsMin: 65 } },
      ['settings.freezeMs', 'settings.stewardsMin'],
    ],
    ['conversation.create', { name: 'A', settings: { stewardsMin: 6 } }, ['settings.stewardsMin']],
    ['conversation.create', { name: 'A', settings: { proposalExpirationMs: 1000 } }, ['settings.proposalExpirationMs']],
    ['conversation.create', { name: 'A', settings: { unheardOf: 1 } }, ['settings.unheardOf']],
    ['settings.set', { patch: { theme: 'pink' } }, ['patch.theme']],
    [
      'member.remove',
      { conversationId: unknownConversation, memberId: nobody.toLowerCase().replace('dead', 'dEAd') },
      ['memberId'],
    ],
    ['app.info', [], ['']],
  ])('ends in INVALID_PARAMS that names the fields: %s %j', async (method, params, paths) => {
    const error = await answerTo(ana.node, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    expect(error).toMatchObject({ code: -32602, data: { code: 'INVALID_PARAMS' } });
    expect(error.data.issues?.map((issue) => issue.path)).toEqual(paths);
  });

  it('ends in NO_IDENTITY before there is one', async () => {
    const node = await house.start({ profile: house.directory() });
    for (const call of [
      node.call('conversation.list', {}),
      node.call('conversation.create', { name: 'Choir' }),
      node.call('identity.revealRecoveryPhrase', {}),
      node.call('identity.setDisplayName', { displayName: 'Ana' }),
      node.call('peer.list', {}),
      node.call('peer.connect', { address: '/ip4/127.0.0.1/tcp/1' }),
      node.call('settings.set', { patch: { theme: 'dark' } }),
      node.call('diagnostics.network', {}),
    ])
      expectError(await errorOf(call), 'NO_IDENTITY');
    expect(await node.call('app.info', {})).toMatchObject({ peerId: '', listenAddresses: [] });
  });

  it('ends in NOT_FOUND for a group, member, message, vote or peer that is not there', async () => {
    const { node } = ana;
    const messageId = '01890000-0000-7000-8000-000000000000' as MessageId;
    for (const call of [
      node.call('conversation.get', { conversationId: unknownConversation }),
      node.call('conversation.leave', { conversationId: unknownConversation }),
      node.call('message.send', { conversationId: unknownConversation, text: 'hi' }),
      node.call('message.send', { conversationId, text: 'hi', replyTo: messageId }),
      node.call('message.list', { conversationId, before: messageId }),
      node.call('conversation.markRead', { conversationId, messageId }),
      node.call('member.remove', { conversationId, memberId: nobody }),
      node.call('proposal.vote', { conversationId, proposalId: 4_000_000_000, approve: true }),
      node.call('invite.create', { conversationId: unknownConversation }),
      node.call('governance.log', { conversationId: unknownConversation }),
      node.call('invite.send', { conversationId, peerId: '12D3KooWNobody' }),
    ])
      expectError(await errorOf(call), 'NOT_FOUND');
  });

  it('ends in ALREADY_EXISTS for a second identity and for a group that one is in', async () => {
    expectError(await errorOf(ana.node.call('identity.create', { displayName: 'Ana' })), 'ALREADY_EXISTS');
    const { recoveryPhrase } = ana;
    expectError(
      await errorOf(ana.node.call('identity.restore', { displayName: 'Ana', recoveryPhrase })),
      'ALREADY_EXISTS',
    );
    const { invite } = await ana.node.call('invite.create', { conversationId });
    expectError(await errorOf(bo.node.call('conversation.join', { invite })), 'ALREADY_EXISTS');
    expect(await bo.node.call('invite.inspect', { invite })).toMatchObject({ alreadyIn: true });
  });

  it('ends in WRONG_STATE with the state while one waits to be let in, and after one has left', async () => {
    const cy = await house.person('Cy');
    const { conversationId: strict } = await ana.node.call('conversation.create', {
      name: 'Strict',
      settings: { membersMayInvite: false, livenessCriteriaYes: false },
    });
    await askIn(ana, cy, strict);
    const early = await errorOf(cy.node.call('message.send', { conversationId: strict, text: 'hi' }));
    expectError(early, 'WRONG_STATE', { state: 'pendingJoin' });
    const pending = await errorOf(cy.node.call('conversation.delete', { conversationId: strict }));
    expectError(pending, 'WRONG_STATE', { state: 'pendingJoin' });

    const { conversationId: brief } = await cy.node.call('conversation.create', { name: 'Brief' });
    const inside = await errorOf(cy.node.call('conversation.delete', { conversationId: brief }));
    expectError(inside, 'WRONG_STATE', { state: 'working' });
    await cy.node.call('conversation.leave', { conversationId: brief });
    await cy.node.waitForEvent(
      'conversation.stateChanged',
      (event) => event.conversationId === brief && event.state === 'left',
    );
    const late = await errorOf(cy.node.call('message.send', { conversationId: brief, text: 'hi' }));
    expectError(late, 'WRONG_STATE', { state: 'left' });
  });

  it('ends in INVALID_INVITE for what is no link, a changed link, and a link of another version', async () => {
    const { invite } = await ana.node.call('invite.create', { conversationId });
    const middle = Math.floor(invite.length / 2);
    const changed = `${invite.slice(0, middle)}${invite[middle] === 'A' ? 'B' : 'A'}${invite.slice(middle + 1)}`;
    for (const link of [
      'conclave:',
      'https://example.org/',
      'hello',
      invite.slice(0, -4),
      changed,
      invite.toUpperCase(),
    ]) {
      expectError(await errorOf(bo.node.call('conversation.join', { invite: link })), 'INVALID_INVITE');
      expectError(await errorOf(bo.node.call('invite.inspect', { invite: link })), 'INVALID_INVITE');
    }
  });

  it('ends in NOT_ALLOWED for removing oneself, for voting twice, and for a phrase that there is not', async () => {
    const { node, memberId } = ana;
    expectError(await errorOf(node.call('member.remove', { conversationId, memberId })), 'NOT_ALLOWED');
    const { proposalId } = await node.call('member.remove', { conversationId, memberId: bo.memberId });
    expect(proposalId).toBeDefined();
    const vote = { conversationId, proposalId: proposalId ?? (0 as ProposalId), approve: false };
    expectError(await errorOf(node.call('proposal.vote', vote)), 'NOT_ALLOWED');
    await bo.node.waitForEvent('proposal.opened', (event) => event.proposal.proposalId === proposalId);
    await bo.node.call('proposal.vote', vote);
    await node.waitForEvent('proposal.decided', (event) => event.proposal.proposalId === proposalId);
    expect((await agree([ana, bo], conversationId))[0]?.members).toHaveLength(2);

    const raw = await house.start({ profile: house.directory() });
    await raw.call('identity.restore', { displayName: 'Key', privateKey: '11'.repeat(32) });
    expectError(await errorOf(raw.call('identity.revealRecoveryPhrase', {})), 'NOT_ALLOWED');
  });

  it('ends in NETWORK for an address that cannot be dialled', async () => {
    for (const address of ['/ip4/127.0.0.1/tcp/1', '/dns4/nowhere.invalid/tcp/1', 'hello', '/ip4/127.0.0.1/udp/9'])
      expectError(await errorOf(ana.node.call('peer.connect', { address })), 'NETWORK');
  });

  it('ends in TOO_LARGE with the limit for a text over 16 KiB, and takes one of exactly that', async () => {
    const text = 'ä'.repeat(MAX_MESSAGE_TEXT_BYTES / 2);
    const call = ana.node.call('message.send', { conversationId, text: `${text}!` });
    expectError(await errorOf(call), 'TOO_LARGE', { limit: MAX_MESSAGE_TEXT_BYTES });
    const { messageId } = await ana.node.call('message.send', { conversationId, text });
    const heard = await bo.node.waitForEvent('message.added', (event) => event.message.messageId === messageId);
    expect(heard.message.text).toBe(text);
  });
});

describe('a profile that cannot be used', () => {
  it('ends in KEYCHAIN_UNAVAILABLE without a keychain service, and nothing is written', async () => {
    const profile = house.directory();
    const node = await house.start({
      profile,
      keychain: 'os',
      env: {
        DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus',
        XDG_RUNTIME_DIR: '/nowhere',
        DISPLAY: undefined,
        WAYLAND_DISPLAY: undefined,
      },
    });
    expect(await node.call('identity.status', {})).toMatchObject({ exists: false, keychain: 'unavailable' });
    for (const call of [
      node.call('identity.create', { displayName: 'Ana' }),
      node.call('identity.restore', { displayName: 'Ana', recoveryPhrase: ana.recoveryPhrase }),
    ]) {
      const error = await errorOf(call);
      expectError(error, 'KEYCHAIN_UNAVAILABLE');
      expect(error.message).toMatch(/keyring|--keychain file/);
    }
    expectError(await errorOf(node.call('conversation.list', {})), 'NO_IDENTITY');
    expect(await node.end()).toEqual({ code: 0, signal: null });
    expect(readdirSync(profile).filter((name) => !['profile.json', 'lock'].includes(name.replace(/-.*$/, '')))).toEqual(
      [],
    );
    expect(readFileSync(join(profile, 'profile.json'), 'utf8')).not.toContain('keychain');
  });

  it.each(['overwritten in the middle', 'cut short', 'replaced by words'])(
    'ends in STORAGE for a database that was %s, whose bytes stay as they are',
    async (damage) => {
      const person = await house.person('Eve');
      const { conversationId: own } = await person.node.call('conversation.create', { name: 'Choir' });
      for (let index = 0; index < 5; index += 1)
        await person.node.call('message.send', { conversationId: own, text: `line ${index} ${'x'.repeat(3_000)}` });
      await person.node.end();
      const file = join(person.profile, 'conclave.db');
      const { size } = statSync(file);
      if (damage === 'cut short') truncateSync(file, Math.floor(size / 2));
      else if (damage === 'replaced by words') writeFileSync(file, 'a shopping list');
      else {
        const bytes = readFileSync(file);
        bytes.fill(0x5a, Math.floor(size / 2), Math.floor(size / 2) + 6_000);
        writeFileSync(file, bytes);
      }
      const before = fingerprint(person.profile);

      const node = await house.restart(person);
      expect(await node.call('identity.status', {})).toMatchObject({ exists: true, problem: { code: 'STORAGE' } });
      const { recoveryPhrase } = person;
      for (const call of [
        node.call('conversation.list', {}),
        node.call('message.send', { conversationId: own, text: 'hi' }),
        node.call('identity.create', { displayName: 'Eve' }),
        node.call('identity.restore', { displayName: 'Eve', recoveryPhrase }),
      ])
        expectError(await errorOf(call), 'STORAGE');
      expect(await node.end()).toEqual({ code: 0, signal: null });
      expect(fingerprint(person.profile)).toEqual(before);
    },
  );
});

/** Names and hashes of everything in a profile that holds data. */
function fingerprint(profile: string): Record<string, string> {
  const names = readdirSync(profile).filter((name) => !name.startsWith('lock') && !/-(wal|shm)$/.test(name));
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(profile, name)))
        .digest('hex'),
    ]),
  );
}
