/** The traps of ts-mls that are known, numbered as our notes on the library number them; each is stepped into on purpose. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { createApplicationMessage, createProposal } from 'ts-mls/createMessage.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { describe, expect, it } from 'vitest';
import { MAX_FORWARD_MESSAGES, MAX_OUT_OF_ORDER_MESSAGES } from '../../../../shared/limits.ts';
import { contentOf } from '../../../../main/protocol/mls/group.ts';
import { at, commit, CONVERSATION, expectAgreement, groupOf, letIn, NOW, person, receive, send } from './support.ts';
import { commitOf, openFrame, stateOf, suite } from './crafted.ts';

const trio = () => groupOf([person('ada'), person('bob'), person('cyd')]);

describe('trap 1: proposals held', () => {
  it('would stop the library from sending chat', async () => {
    const ada = at(await trio(), 0);
    const { newState } = await createProposal(
      stateOf(ada),
      false,
      { proposalType: 'remove', remove: { removed: 1 } },
      suite,
    );
    await expect(createApplicationMessage(newState, new Uint8Array(1), suite)).rejects.toThrow('unapplied proposals');
  });

  it('never hold up chat: not after an own candidate, not after staging another', async () => {
    const [ada, bob, cyd] = await trio().then((members) => [at(members, 0), at(members, 1), at(members, 2)] as const);
    const candidate = await ada.service.createCandidate(
      ada.group,
      [{ kind: 'remove', memberId: cyd.identity.memberId }],
      NOW,
    );
    expect((await bob.service.stageCandidate(bob.group, candidate, NOW)).kind).toBe('staged');
    const [, fromAda] = await send({ ...ada, group: candidate.base }, 'while it is voted');
    const [, fromBob] = await send(bob, 'meanwhile');
    expect((await receive(bob, fromAda)).payload).toBe('while it is voted');
    expect((await receive({ ...ada, group: candidate.base }, fromBob)).payload).toBe('meanwhile');
  });

  it('never use a handshake key twice: two candidates of one epoch are both readable, in either order', async () => {
    const [ada, bob, cyd] = await trio().then((members) => [at(members, 0), at(members, 1), at(members, 2)] as const);
    const updates = [{ kind: 'remove' as const, memberId: cyd.identity.memberId }];
    const first = await ada.service.createCandidate(ada.group, updates, NOW);
    const second = await ada.service.createCandidate(first.base, updates, NOW);
    const generations = [ada.group, first.base, second.base].map(
      (group) => contentOf(group).epoch.handshake[0]?.generation,
    );
    expect(generations).toEqual([0, 2, 4]); // Two each: proposal and commit.
    for (const candidate of [second, first])
      expect((await bob.service.stageCandidate(bob.group, candidate, NOW)).kind).toBe('staged');
  });
});

describe('trap 2: removed, and another put into the own leaf', () => {
  it('is understood as a removal', async () => {
    const members = await trio();
    const bob = at(members, 1);
    const joiner = await person('dan').service.generateKeyPackage(NOW);
    const ada = at(members, 0);
    const updates = [
      { kind: 'remove' as const, memberId: bob.identity.memberId },
      { kind: 'add' as const, keyPackage: joiner.keyPackage },
    ];
    const candidate = await ada.service.createCandidate(ada.group, updates, NOW);
    expect(ada.service.members(candidate.next).find(({ leafIndex }) => leafIndex === 1)?.memberId).toBe(
      person('dan').identity.memberId,
    );
    const staged = await bob.service.stageCandidate(bob.group, candidate, NOW);
    expect(staged).toMatchObject({
      kind: 'staged',
      selfRemoved: true,
      next: undefined,
      committer: ada.identity.memberId,
    });
    expect(staged).toMatchObject({ actions: candidate.actions });
  });
});

describe('trap 3: who sent an application message', () => {
  it('is known for every sender, also after leaves were reused', async () => {
    let members = await trio();
    ({ members } = await commit(members, 0, [{ kind: 'remove', memberId: at(members, 1).identity.memberId }]));
    ({ members } = await letIn(members, 1, [person('dan')]));
    await expectAgreement(members); // Checks the sender of each message.
  });
});

describe('trap 4: the same identity with other keys', () => {
  it('is refused by the committer and by everybody who stages it', async () => {
    const members = await trio();
    const [ada, bob] = [at(members, 0), at(members, 1)];
    const twin = await person('bob', 'second device').service.generateKeyPackage(NOW);
    await expect(
      ada.service.createCandidate(ada.group, [{ kind: 'add', keyPackage: twin.keyPackage }], NOW),
    ).rejects.toMatchObject({ code: 'DuplicateIdentity' });
    const forced = await commitOf(ada, [{ kind: 'add', keyPackage: twin.keyPackage }]);
    expect(await bob.service.stageCandidate(bob.group, forced, NOW)).toEqual({
      kind: 'aborted',
      reason: 'DuplicateIdentity',
    });
  });

  it('is refused when both come in one candidate', async () => {
    const members = await trio();
    const [ada, bob] = [at(members, 0), at(members, 1)];
    const twins = await Promise.all(
      ['one', 'two'].map((device) => person('eve', device).service.generateKeyPackage(NOW)),
    );
    const updates = twins.map(({ keyPackage }) => ({ kind: 'add' as const, keyPackage }));
    await expect(ada.service.createCandidate(ada.group, updates, NOW)).rejects.toMatchObject({
      code: 'DuplicateIdentity',
    });
    expect(await bob.service.stageCandidate(bob.group, await commitOf(ada, updates), NOW)).toEqual({
      kind: 'aborted',
      reason: 'DuplicateIdentity',
    });
  });
});

describe('trap 5: lifetimes', () => {
  it('are judged by the time that is handed in, never by the clock', async () => {
    for (const now of [Date.UTC(2001, 0), Date.UTC(2099, 0)]) {
      const members = await groupOf([person('ada'), person('bob')], now);
      expect(members).toHaveLength(2);
    }
  });
});

describe('trap 6: commits with Adds alone', () => {
  it('carry a path: the committer’s keys and the shared secret are renewed by every commit', async () => {
    const members = await trio();
    const { members: after, candidate } = await letIn(members, 0, [person('dan')]);
    const keysOf = (index: number, group = at(members, index).group) => contentOf(group).epoch.privatePath.privateKeys;
    expect(keysOf(0, at(after, 0).group)[0]).not.toEqual(keysOf(0)[0]);
    const { content } = await openFrame(stateOf(at(members, 1)), candidate.proposals, candidate.commit);
    expect(content.content.contentType === 'commit' && content.content.commit.path).toBeDefined();
  });

  it('are refused without a path, as the library alone would make them', async () => {
    const now = Date.now(); // The library compares lifetimes with the clock.
    const [ada, bob] = await groupOf([person('ada'), person('bob')], now).then(
      (members) => [at(members, 0), at(members, 1)] as const,
    );
    const { keyPackage } = await person('dan').service.generateKeyPackage(now);
    const pathless = await commitOf(ada, [{ kind: 'add', keyPackage }], { without: 'path' });
    expect(await bob.service.stageCandidate(bob.group, pathless, now)).toEqual({
      kind: 'aborted',
      reason: 'Malformed: no path',
    });
    expect(
      (await bob.service.stageCandidate(bob.group, await commitOf(ada, [{ kind: 'add', keyPackage }]), now)).kind,
    ).toBe('staged');
  });
});

describe('trap 7: secrets of dropped epochs', () => {
  it('are in no part of the group any more once the window is over', async () => {
    const members = await trio();
    const [, early] = await send(at(members, 1), 'early');
    const { members: after } = await letIn(members, 0, [person('dan')]);
    const ada = at(after, 0);
    const old = contentOf(at(members, 0).group);
    const secrets = [old.epoch.keySchedule.senderDataSecret, old.application[1]?.secret ?? new Uint8Array()];
    const stored = (group = ada.group) => Buffer.concat(Object.values(ada.service.encodeParts(group))).toString('hex');
    for (const secret of secrets) expect(stored().includes(bytesToHex(secret))).toBe(true);
    for (const forgotten of [
      old.epoch.keySchedule.initSecret,
      old.epoch.keySchedule.exporterSecret,
      old.application[0]?.secret ?? new Uint8Array(1),
    ])
      expect(stored().includes(bytesToHex(forgotten))).toBe(false);
    const pruned = ada.service.prune(ada.group, NOW + 120_000);
    for (const secret of secrets) expect(stored(pruned).includes(bytesToHex(secret))).toBe(false);
    expect(await ada.service.decrypt(pruned, early, NOW)).toEqual({ kind: 'ignored', reason: 'pastEpoch' });
  });

  it('of a used message key neither', async () => {
    const [ada, bob] = await trio().then((members) => [at(members, 0), at(members, 1)] as const);
    const used = contentOf(bob.group).application[0]?.secret ?? new Uint8Array();
    const [, ciphertext] = await send(ada, 'once');
    const { receiver } = await receive(bob, ciphertext);
    const stored = Buffer.concat(Object.values(bob.service.encodeParts(receiver.group))).toString('hex');
    expect(used).toHaveLength(32);
    expect(stored.includes(bytesToHex(used))).toBe(false);
  });
});

describe('messages out of order', () => {
  it('are read in any order, each once', async () => {
    const [ada, bob] = await trio().then((members) => [at(members, 0), at(members, 1)] as const);
    let [sender, receiver] = [ada, bob];
    const sent: Uint8Array[] = [];
    for (let index = 0; index < 40; index++) {
      const [next, ciphertext] = await send(sender, `message ${index}`);
      sender = next;
      sent.push(ciphertext);
    }
    const order = sent.map((_, index) => (index * 17 + 39) % 40);
    for (const index of order) {
      const read = await receive(receiver, at(sent, index));
      expect(read.payload).toBe(`message ${index}`);
      receiver = read.receiver;
    }
    for (const ciphertext of sent)
      expect(await receiver.service.decrypt(receiver.group, ciphertext, NOW)).toEqual({
        kind: 'ignored',
        reason: 'replay',
      });
  });

  it('are an echo for who sent them: replay, and the group is the same', async () => {
    const [after, ciphertext] = await send(at(await trio(), 0), 'mine');
    expect(await after.service.decrypt(after.group, ciphertext, NOW)).toEqual({ kind: 'ignored', reason: 'replay' });
  });

  it(`wait for up to ${MAX_OUT_OF_ORDER_MESSAGES} places and are a replay beyond; ${MAX_FORWARD_MESSAGES} ahead is the farthest`, async () => {
    const [ada, bob] = await trio().then((members) => [at(members, 0), at(members, 1)] as const);
    let sender = ada;
    const sent: Uint8Array[] = [];
    for (let index = 0; index <= MAX_FORWARD_MESSAGES + 1; index++) {
      const [next, ciphertext] = await send(sender, String(index));
      sender = next;
      sent.push(ciphertext);
    }
    await expect(bob.service.decrypt(bob.group, at(sent, MAX_FORWARD_MESSAGES + 1), NOW)).rejects.toMatchObject({
      code: 'TooFarAhead',
    });
    const { receiver } = await receive(bob, at(sent, MAX_FORWARD_MESSAGES));
    const oldest = MAX_FORWARD_MESSAGES - MAX_OUT_OF_ORDER_MESSAGES;
    expect((await receive(receiver, at(sent, oldest))).payload).toBe(String(oldest));
    expect(await receiver.service.decrypt(receiver.group, at(sent, oldest - 1), NOW)).toEqual({
      kind: 'ignored',
      reason: 'replay',
    });
  });

  it('of a future epoch are not taken for tampering, and are read after the commit', async () => {
    const members = await trio();
    const { members: after } = await letIn(members, 0, [person('dan')]);
    const [, ciphertext] = await send(at(after, 3), 'early bird');
    const bob = at(members, 1);
    expect(await bob.service.decrypt(bob.group, ciphertext, NOW)).toEqual({ kind: 'ignored', reason: 'futureEpoch' });
    expect((await receive(at(after, 1), ciphertext)).payload).toBe('early bird');
    const tampered = ciphertext.with(-1, (ciphertext.at(-1) ?? 0) ^ 1);
    await expect(at(after, 1).service.decrypt(at(after, 1).group, tampered, NOW)).rejects.toMatchObject({
      code: 'Tampered',
    });
    expect(bob.group.conversationId).toBe(CONVERSATION);
  });
});

describe('the library', () => {
  it('still behaves as the traps say: a commit seen twice is an error of the ratchet', async () => {
    const [ada, bob] = await trio().then((members) => [at(members, 0), at(members, 1)] as const);
    const candidate = await ada.service.createCandidate(
      ada.group,
      [{ kind: 'remove', memberId: at(await trio(), 2).identity.memberId }],
      NOW,
    );
    const { holding, message } = await openFrame(stateOf(bob), candidate.proposals, candidate.commit);
    const once = await processPrivateMessage(holding, message, emptyPskIndex, suite, () => 'reject');
    expect(once.kind).toBe('newState');
    await expect(processPrivateMessage(once.newState, message, emptyPskIndex, suite)).rejects.toThrow(
      'Desired gen in the past',
    );
  });
});
