/** Chat: what is ignored, what is an error, padding, and the window of past epochs. §7.1, §7.3, H-31 */
import fc from 'fast-check';
import { decodePrivateMessageContent, encodePrivateMessageContent } from 'ts-mls/privateMessage.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_PACKET_BYTES, PAST_EPOCH_MS, PAST_EPOCHS_KEPT } from '../../../../shared/limits.ts';
import type { ConversationId } from '../../../../shared/model/ids.ts';
import { applicationPadding, paddedLength } from '../../../../main/protocol/mls/padding.ts';
import { MlsError } from '../../../../main/protocol/mls/index.ts';
import { at, CONVERSATION, groupOf, letIn, NOW, person, receive, send, text, type Member } from './support.ts';

let ada: Member;
let bob: Member;

beforeAll(async () => {
  const members = await groupOf([person('ada'), person('bob')]);
  [ada, bob] = [at(members, 0), at(members, 1)];
});

const ignored = async (receiver: Member, bytes: Uint8Array, reason: string, now = NOW) => {
  const before = receiver.service.encodeParts(receiver.group);
  expect(await receiver.service.decrypt(receiver.group, bytes, now)).toEqual({ kind: 'ignored', reason });
  expect(receiver.service.encodeParts(receiver.group)).toEqual(before);
};

describe('what is ignored', () => {
  it('R-024 is a message of another group or of an epoch that cannot be read; the group stays as it was', async () => {
    const elsewhere = await person('ada').service.createGroup('other' as ConversationId, NOW);
    const { ciphertext } = await person('ada').service.encrypt(elsewhere, text('elsewhere'));
    await ignored(bob, ciphertext, 'otherGroup');
    const { members } = await letIn([ada, bob], 0, [person('cyd')]);
    const [, late] = await send(ada, 'late');
    const [, early] = await send(at(members, 0), 'early');
    await ignored(bob, early, 'futureEpoch');
    await ignored(at(members, 2), late, 'pastEpoch'); // Cyd was not there.
  });

  it('R-025 is a proposal or commit on the application path; it is never stored', async () => {
    const candidate = await ada.service.createCandidate(
      ada.group,
      [{ kind: 'remove', memberId: bob.identity.memberId }],
      NOW,
    );
    for (const bytes of [...candidate.proposals, candidate.commit]) await ignored(bob, bytes, 'handshake');
    const { ciphertext } = await bob.service.encrypt(bob.group, text('goes on'));
    expect((await receive(ada, ciphertext)).payload).toBe('goes on');
  });

  it('is a Welcome or a key package in an MLSMessage', async () => {
    const { keyPackage } = await person('cyd').service.generateKeyPackage(NOW);
    const candidate = await ada.service.createCandidate(ada.group, [{ kind: 'add', keyPackage }], NOW);
    await ignored(bob, candidate.welcome ?? new Uint8Array(), 'handshake');
    await ignored(bob, new Uint8Array([0, 1, 0, 5, ...keyPackage]), 'handshake');
  });
});

describe('the kind of a message', () => {
  it('is told by its frame', async () => {
    const [, chat] = await send(ada, 'chat');
    const { keyPackage } = await person('cyd').service.generateKeyPackage(NOW);
    const candidate = await ada.service.createCandidate(ada.group, [{ kind: 'add', keyPackage }], NOW);
    const kinds = [
      chat,
      at(candidate.proposals, 0),
      candidate.commit,
      candidate.welcome ?? new Uint8Array(),
      keyPackage,
      new Uint8Array(),
      chat.subarray(0, -1),
    ].map(ada.service.inspectKind);
    expect(kinds).toEqual(['application', 'proposal', 'commit', 'welcome', 'other', 'other', 'other']);
  });
});

describe('what is an error', () => {
  it('is malformed, too large, or tampered; the group still reads the genuine message', async () => {
    const [, ciphertext] = await send(ada, 'genuine');
    for (const bytes of [
      new Uint8Array(),
      text('garbage'),
      ciphertext.subarray(0, -1),
      new Uint8Array([...ciphertext, 0]),
    ])
      await expect(bob.service.decrypt(bob.group, bytes, NOW)).rejects.toMatchObject({ code: 'Malformed' });
    await expect(bob.service.decrypt(bob.group, new Uint8Array(MAX_PACKET_BYTES + 1), NOW)).rejects.toMatchObject({
      code: 'TooLarge',
    });
    await expect(ada.service.encrypt(ada.group, new Uint8Array(MAX_PACKET_BYTES))).rejects.toMatchObject({
      code: 'TooLarge',
    });
    for (let back = 1; back <= 100; back += 9) {
      const index = ciphertext.length - back;
      await expect(
        bob.service.decrypt(bob.group, ciphertext.with(index, (ciphertext[index] ?? 0) ^ 1), NOW),
      ).rejects.toMatchObject({ code: 'Tampered' });
    }
    expect((await receive(bob, ciphertext)).payload).toBe('genuine');
  });

  it('is always an MlsError, whatever the bytes are', async () => {
    const [, chat] = await send(ada, 'genuine');
    const { keyPackage } = await person('cyd').service.generateKeyPackage(NOW);
    const candidate = await ada.service.createCandidate(ada.group, [{ kind: 'add', keyPackage }], NOW);
    const seeds = [
      chat,
      keyPackage,
      candidate.commit,
      at(candidate.proposals, 0),
      candidate.welcome ?? new Uint8Array(),
    ];
    const own = await bob.service.generateKeyPackage(NOW);
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 5 }), fc.nat(40))
      .map(([bytes, changes, cut]) => {
        const copy = bytes.slice(0, bytes.length - (cut < 20 ? 0 : cut));
        for (const [index, value] of changes) copy[index % copy.length] = value;
        return copy;
      });
    const onlyMlsErrors = async (action: () => Promise<unknown>): Promise<void> => {
      await action().catch((error: unknown) => expect(error).toBeInstanceOf(MlsError));
    };
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), async (bytes) => {
        await onlyMlsErrors(() => bob.service.decrypt(bob.group, bytes, NOW));
        await onlyMlsErrors(() => bob.service.validateKeyPackage(bytes, NOW, bob.group));
        await onlyMlsErrors(() =>
          bob.service.join({ conversationId: CONVERSATION, welcome: bytes, keyPackage: own, now: NOW }),
        );
        expect(['staged', 'aborted']).toContain(
          (await bob.service.stageCandidate(bob.group, { proposals: [bytes], commit: candidate.commit }, NOW)).kind,
        );
        expect(['staged', 'aborted']).toContain(
          (await bob.service.stageCandidate(bob.group, { ...candidate, commit: bytes }, NOW)).kind,
        );
        bob.service.inspectKind(bytes);
      }),
      { numRuns: 300 },
    );
  });
});

describe('padding', () => {
  it('W-35 makes all texts of one step equally long: 64 bytes up to 1 KiB, then 256', async () => {
    expect([0, 1, 64, 65, 1024, 1025, 1280, 1281].map(paddedLength)).toEqual([64, 64, 64, 128, 1024, 1280, 1280, 1536]);
    const lengthOnWire = async (length: number) =>
      (await ada.service.encrypt(ada.group, new Uint8Array(length).fill(7))).ciphertext.length;
    for (const [from, to] of [
      [0, 64],
      [65, 128],
      [961, 1024],
      [1025, 1280],
      [16_129, 16_384],
      [16_385, 16_640],
    ] as const) {
      const [shortest, longest] = [await lengthOnWire(from), await lengthOnWire(to)];
      expect(shortest, `${from} to ${to}`).toBe(longest);
      expect(await lengthOnWire(to + 1)).toBeGreaterThan(longest);
    }
  });

  it('is never negative and disappears on arrival', async () => {
    fc.assert(
      fc.property(fc.nat(100_000), (length) => {
        const padding = applicationPadding(length);
        expect(padding.kind === 'alwaysPad' && padding.paddingLength >= 0 && padding.paddingLength <= 259).toBe(true);
      }),
    );
    for (const length of [0, 1, 63, 64, 65, 1000, 1025, 70_000]) {
      const payload = new Uint8Array(length).fill(0); // Zeros at the end must survive the zero padding.
      const { ciphertext } = await ada.service.encrypt(ada.group, payload);
      expect(await bob.service.decrypt(bob.group, ciphertext, NOW)).toMatchObject({ kind: 'application', payload });
    }
  });

  it('that is not zero is refused, as MLS demands', () => {
    const content = {
      contentType: 'application' as const,
      applicationData: text('x'),
      auth: { contentType: 'application' as const, signature: new Uint8Array(64) },
    };
    const padded = encodePrivateMessageContent(applicationPadding(1))(content);
    expect(decodePrivateMessageContent('application')(padded, 0)?.[0]).toMatchObject({ applicationData: text('x') });
    expect(decodePrivateMessageContent('application')(padded.with(-1, 1), 0)).toBeUndefined();
  });
});

describe('R-034 messages of past epochs', () => {
  it('W-31 are read within the window and not after it', async () => {
    const [, early] = await send(ada, 'early');
    const { members } = await letIn([ada, bob], 0, [person('cyd')]);
    const later = at(members, 1);
    expect(later.service.nextPruneAt(later.group)).toBe(NOW + PAST_EPOCH_MS);
    const read = await receive(later, early, NOW + PAST_EPOCH_MS - 1);
    expect(read).toMatchObject({ payload: 'early', sender: ada.identity.memberId, epoch: 1n });
    expect(read.receiver.group.epoch).toBe(2n);
    await ignored(read.receiver, early, 'replay');
    await ignored(later, early, 'pastEpoch', NOW + PAST_EPOCH_MS); // Even before it was pruned.
    const pruned = later.service.prune(later.group, NOW + PAST_EPOCH_MS);
    await ignored({ ...later, group: pruned }, early, 'pastEpoch');
    expect(pruned.epoch).toBe(2n);
    expect(later.service.nextPruneAt(pruned)).toBeUndefined();
  });

  it(`are kept for ${PAST_EPOCHS_KEPT} epochs, each with its own end`, async () => {
    const sent = [(await send(ada, 'epoch 1'))[1]];
    let members: Member[] = [ada, bob];
    for (let epoch = 2; epoch <= 4; epoch++) {
      ({ members } = await letIn(members, 0, [person(`new ${epoch}`)], NOW + epoch * 1000));
      sent.push((await send(at(members, 0), `epoch ${epoch}`))[1]);
    }
    const now = NOW + 4000;
    const last = at(members, 1);
    await ignored(last, at(sent, 0), 'pastEpoch', now);
    for (const [index, payload] of [
      [1, 'epoch 2'],
      [2, 'epoch 3'],
      [3, 'epoch 4'],
    ] as const)
      expect(await receive(last, at(sent, index), now)).toMatchObject({ payload, epoch: BigInt(index + 1) });
    // Epoch 2 ended with the commit at +3 s, epoch 3 with that at +4 s.
    const once = last.service.prune(last.group, NOW + 3000 + PAST_EPOCH_MS);
    await ignored({ ...last, group: once }, at(sent, 1), 'pastEpoch', now);
    expect(await receive({ ...last, group: once }, at(sent, 2), now)).toMatchObject({ payload: 'epoch 3' });
    expect(last.service.nextPruneAt(once)).toBe(NOW + 4000 + PAST_EPOCH_MS);
  });

  it('keep their replay protection across the commit, echoes included', async () => {
    const [sender, first] = await send(ada, 'first');
    const [, second] = await send(sender, 'second');
    const { receiver } = await receive(bob, second);
    const { members } = await letIn([{ ...ada, group: sender.group }, receiver], 0, [person('cyd')]);
    await ignored(at(members, 1), second, 'replay');
    expect((await receive(at(members, 1), first)).payload).toBe('first');
    await ignored(at(members, 0), first, 'replay');
  });

  it('of somebody who was removed since are still read', async () => {
    const members = await groupOf([person('ada'), person('bob'), person('cyd')]);
    const [, farewell] = await send(at(members, 2), 'farewell');
    const [remover, reader] = [at(members, 0), at(members, 1)];
    const candidate = await remover.service.createCandidate(
      remover.group,
      [{ kind: 'remove', memberId: at(members, 2).identity.memberId }],
      NOW,
    );
    const staged = await reader.service.stageCandidate(reader.group, candidate, NOW);
    if (staged.kind !== 'staged' || staged.next === undefined) throw new Error('not staged');
    const after = { ...reader, group: reader.service.merge(reader.group, staged.next, NOW) };
    expect(await receive(after, farewell)).toMatchObject({
      payload: 'farewell',
      sender: at(members, 2).identity.memberId,
    });
  });

  it('prune gives back the same group when there is nothing to forget', async () => {
    expect(ada.service.prune(ada.group, NOW)).toBe(ada.group);
    const fresh = at(await groupOf([person('ada')]), 0);
    expect(fresh.service.prune(fresh.group, NOW + 10 * PAST_EPOCH_MS)).toBe(fresh.group);
  });
});
