/** The MlsService suite: application messages. Registered by mls-service.ts. §7.3, R-024, R-025 */
import { beforeAll, expect, it } from 'vitest';
import { claimedEpoch } from '../../main/protocol/conversation/inbound/peek.ts';
import { MlsError } from '../../main/protocol/mls/index.ts';
import { MAX_FORWARD_MESSAGES, MAX_OUT_OF_ORDER_MESSAGES, MAX_PACKET_BYTES } from '../../shared/limits.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { at, CONVERSATION, NOW, receive, send, text, type Member } from '../main/protocol/mls/support.ts';
import { additionOf, expectIgnored, flipped, removalOf, threeOf, type MakePerson } from './mls-service-world.ts';

export function chatCompliance(person: MakePerson): void {
  let ada: Member;
  let bob: Member;
  let cyd: Member;
  beforeAll(async () => {
    [ada, bob, cyd] = await threeOf(person);
  });

  const sentBy = async (member: Member, count: number): Promise<[Member, Uint8Array[]]> => {
    let sender = member;
    const sent: Uint8Array[] = [];
    for (let index = 0; index < count; index++) {
      const [next, ciphertext] = await send(sender, `message ${index}`);
      sender = next;
      sent.push(ciphertext);
    }
    return [sender, sent];
  };

  it('is read by every other member, with its true sender and epoch', async () => {
    for (const sender of [ada, bob, cyd]) {
      const [, ciphertext] = await send(sender, 'hello');
      for (const receiver of [ada, bob, cyd].filter((member) => member !== sender)) {
        const read = await receive(receiver, ciphertext);
        expect(read).toMatchObject({ payload: 'hello', sender: sender.identity.memberId, epoch: 1n });
        expect(read.receiver.group.epoch).toBe(1n);
      }
    }
  });

  it('is an MLSMessage with a PrivateMessage in it, whose frame names group and epoch (RFC 9420, section 6)', async () => {
    const { proposals, commit } = await ada.service.createCandidate(ada.group, [removalOf(cyd)], NOW);
    const [, chat] = await send(ada, 'hello');
    const head = Uint8Array.of(0, 1, 0, 2, CONVERSATION.length, ...text(CONVERSATION), 0, 0, 0, 0, 0, 0, 0, 1);
    for (const bytes of [chat, commit, ...proposals]) {
      expect(bytes.subarray(0, head.length)).toEqual(head);
      expect(claimedEpoch(bytes)).toBe(1n);
    }
  });

  it('differs on the wire each time, even when the same group value sends the same text twice (H-32)', async () => {
    expect((await send(ada, 'again'))[1]).not.toEqual((await send(ada, 'again'))[1]);
  });

  it('of any length arrives as it was, zeros at its end included', async () => {
    for (const length of [0, 1, 63, 64, 65, 1000, 1025, 70_000]) {
      const payload = new Uint8Array(length).fill(length % 2);
      const { ciphertext } = await ada.service.encrypt(ada.group, payload);
      expect(await bob.service.decrypt(bob.group, ciphertext, NOW)).toMatchObject({ kind: 'application', payload });
    }
  });

  it('has one length on the wire for all texts of one step: 64 bytes up to 1 KiB, then 256 (§7.1)', async () => {
    const lengthOf = async (length: number) =>
      (await ada.service.encrypt(ada.group, new Uint8Array(length).fill(7))).ciphertext.length;
    for (const [from, to] of [
      [0, 64],
      [65, 128],
      [961, 1024],
      [1025, 1280],
      [16_129, 16_384],
    ] as const) {
      expect(await lengthOf(from), `${from} to ${to}`).toBe(await lengthOf(to));
      expect(await lengthOf(to + 1)).toBeGreaterThan(await lengthOf(to));
    }
  });

  it('too large for a packet is an error on both sides', async () => {
    await expect(ada.service.encrypt(ada.group, new Uint8Array(MAX_PACKET_BYTES))).rejects.toMatchObject({
      code: 'TooLarge',
    });
    await expect(bob.service.decrypt(bob.group, new Uint8Array(MAX_PACKET_BYTES + 1), NOW)).rejects.toMatchObject({
      code: 'TooLarge',
    });
  });

  it('that is cut, followed by more, or garbage is malformed', async () => {
    const [, genuine] = await send(ada, 'genuine');
    for (const bytes of [new Uint8Array(), text('garbage'), genuine.subarray(0, -1), new Uint8Array([...genuine, 0])]) {
      await expect(bob.service.decrypt(bob.group, bytes, NOW)).rejects.toMatchObject({ code: 'Malformed' });
      expect(bob.service.inspectKind(bytes)).toBe('other');
      expect(claimedEpoch(new Uint8Array(bytes.subarray(0, 5)))).toBeUndefined();
    }
  });

  it('with any byte altered is never read, and the genuine one still is', async () => {
    const [, genuine] = await send(ada, 'genuine');
    const before = bob.service.encodeParts(bob.group);
    for (let index = 0; index < genuine.length; index++) {
      const result = await bob.service
        .decrypt(bob.group, flipped(genuine, index), NOW)
        .catch((error: unknown) => error);
      if (result instanceof MlsError) expect(['Malformed', 'Tampered'], `byte ${index}`).toContain(result.code);
      else expect(result, `byte ${index}`).toMatchObject({ kind: 'ignored' });
    }
    for (let back = 1; back <= 100; back++)
      await expect(bob.service.decrypt(bob.group, flipped(genuine, genuine.length - back), NOW)).rejects.toMatchObject({
        code: 'Tampered',
      });
    expect(bob.service.encodeParts(bob.group)).toEqual(before);
    expect((await receive(bob, genuine)).payload).toBe('genuine');
  });

  it('R-024 of another group is ignored, with the same members in it too', async () => {
    const elsewhere = await ada.service.createGroup('other' as ConversationId, NOW);
    const { ciphertext } = await ada.service.encrypt(elsewhere, text('elsewhere'));
    await expectIgnored(bob, ciphertext, 'otherGroup');
  });

  it('of another group of the same name and epoch is refused: it lacks the secrets', async () => {
    const [mallory] = await threeOf((name, device) => person(`rogue ${name}`, device));
    await expect(bob.service.decrypt(bob.group, (await send(mallory, 'forged'))[1], NOW)).rejects.toMatchObject({
      code: 'Tampered',
    });
  });

  it('R-025 is not what a proposal, commit, Welcome or key package is; none is stored', async () => {
    const candidate = await ada.service.createCandidate(ada.group, [await additionOf(person('dan'))], NOW);
    const { keyPackage } = await person('dan').service.generateKeyPackage(NOW);
    const welcome = candidate.welcome ?? new Uint8Array();
    for (const bytes of [
      ...candidate.proposals,
      candidate.commit,
      welcome,
      new Uint8Array([0, 1, 0, 5, ...keyPackage]),
    ])
      await expectIgnored(bob, bytes, 'handshake');
    expect((await receive(ada, (await send(bob, 'goes on'))[1])).payload).toBe('goes on');
  });

  it('is told from the other kinds by its frame', async () => {
    const [, chat] = await send(ada, 'chat');
    const { keyPackage } = await person('dan').service.generateKeyPackage(NOW);
    const { proposals, commit, welcome } = await ada.service.createCandidate(
      ada.group,
      [await additionOf(person('dan'))],
      NOW,
    );
    const kinds = [chat, at(proposals, 0), commit, welcome ?? new Uint8Array(), keyPackage, new Uint8Array()].map(
      ada.service.inspectKind,
    );
    expect(kinds).toEqual(['application', 'proposal', 'commit', 'welcome', 'other', 'other']);
  });

  it('is read in any order, once; afterwards it is a replay', async () => {
    const [, sent] = await sentBy(ada, 40);
    let receiver = bob;
    for (const index of sent.map((_, place) => (place * 17 + 39) % 40)) {
      const read = await receive(receiver, at(sent, index));
      expect(read.payload).toBe(`message ${index}`);
      ({ receiver } = read);
    }
    for (const ciphertext of sent) await expectIgnored(receiver, ciphertext, 'replay');
  });

  it('is an echo at who sent it: a replay', async () => {
    const [after, ciphertext] = await send(ada, 'mine');
    await expectIgnored(after, ciphertext, 'replay');
  });

  it('is read by an earlier value of the same group again: values do not change', async () => {
    const [, ciphertext] = await send(ada, 'twice');
    await receive(bob, ciphertext);
    expect((await receive(bob, ciphertext)).payload).toBe('twice');
  });

  it(`waits for up to ${MAX_OUT_OF_ORDER_MESSAGES} places, is a replay beyond; ${MAX_FORWARD_MESSAGES} ahead is the farthest`, async () => {
    const [, sent] = await sentBy(ada, MAX_FORWARD_MESSAGES + 2);
    await expect(bob.service.decrypt(bob.group, at(sent, -1), NOW)).rejects.toMatchObject({ code: 'TooFarAhead' });
    const { receiver } = await receive(bob, at(sent, MAX_FORWARD_MESSAGES));
    const oldest = MAX_FORWARD_MESSAGES - MAX_OUT_OF_ORDER_MESSAGES;
    const read = await receive(receiver, at(sent, oldest));
    expect(read.payload).toBe(`message ${oldest}`);
    await expectIgnored(receiver, at(sent, oldest - 1), 'replay');
    // The window is one of keys kept, not of places: the one just read made room for nobody who is gone already.
    await expectIgnored(read.receiver, at(sent, oldest - 1), 'replay');
    const next = await receive(read.receiver, at(sent, -1));
    expect((await receive(next.receiver, at(sent, oldest + 1))).payload).toBe(`message ${oldest + 1}`);
  });

  it('is not read yet when that would cost an earlier one that is still to come, if so asked', async () => {
    const [, sent] = await sentBy(ada, MAX_OUT_OF_ORDER_MESSAGES + 102);
    const careful = (group: typeof bob.group, ciphertext: Uint8Array) =>
      bob.service.decrypt(group, ciphertext, NOW, { keepSkipped: true });
    const skipping = await careful(bob.group, at(sent, 100));
    if (skipping.kind !== 'application') throw new Error('it was not read');
    // A hundred keys are kept: so many fewer may be skipped.
    await expect(careful(skipping.group, at(sent, -1))).rejects.toMatchObject({ code: 'TooFarAhead' });
    const last = await careful(skipping.group, at(sent, 100 + MAX_OUT_OF_ORDER_MESSAGES - 99));
    if (last.kind !== 'application') throw new Error('it was not read');
    for (const index of [0, 99, 101, MAX_OUT_OF_ORDER_MESSAGES]) {
      const read = await careful(last.group, at(sent, index));
      expect(read.kind).toBe('application');
    }
  });
}
