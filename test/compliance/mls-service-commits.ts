/** The MlsService suite: candidates made, staged and merged. Registered by mls-service.ts. §7.3, §14.2, H-12, H-17 */
import { beforeAll, expect, it } from 'vitest';
import {
  KEY_PACKAGE_CATCH_UP_MS,
  KEY_PACKAGE_LIFETIME_MS,
  KEY_PACKAGE_NOT_BEFORE_MS,
  MAX_CANDIDATE_BYTES,
  MAX_CANDIDATE_PROPOSALS,
  MAX_CLOCK_SKEW_MS,
} from '../../shared/limits.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { at, CONVERSATION, groupOf, NOW, receive, send, text, type Member } from '../main/protocol/mls/support.ts';
import {
  additionOf,
  authenticatorOf,
  expectAborted,
  flipped,
  follow,
  offer,
  removalOf,
  staged,
  type CreateMlsService,
  type MakePerson,
} from './mls-service-world.ts';

export function commitCompliance(create: CreateMlsService, person: MakePerson): void {
  let members: Member[];
  let ada: Member;
  let bob: Member;
  let cyd: Member;
  let dan: Member;
  beforeAll(async () => {
    members = await groupOf(['ada', 'bob', 'cyd', 'dan'].map((name) => person(name)));
    [ada, bob, cyd, dan] = [at(members, 0), at(members, 1), at(members, 2), at(members, 3)];
  });

  it('R-026 staging installs nothing; after it another candidate stages and merges', async () => {
    const before = bob.service.encodeParts(bob.group);
    await staged(bob, (await offer(ada, [removalOf(dan)])).candidate);
    expect(bob.group.epoch).toBe(1n);
    expect(bob.service.encodeParts(bob.group)).toEqual(before);
    const second = await offer(cyd, [removalOf(dan)]);
    const merged = await follow(bob, second.candidate);
    expect(merged.group.epoch).toBe(2n);
    expect(authenticatorOf(merged)).toBe(authenticatorOf(second.won));
  });

  it('R-027 an own candidate and a rival do not clear each other', async () => {
    const own = await offer(bob, [removalOf(dan)]);
    const rival = await offer(ada, [removalOf(dan)]);
    const lost = await follow({ ...bob, group: own.candidate.base }, rival.candidate);
    expect(authenticatorOf(lost)).toBe(authenticatorOf(rival.won));
    expect(authenticatorOf(await follow(cyd, own.candidate))).toBe(authenticatorOf(own.won));
  });

  it('R-028 there is nothing to merge but the following epoch of the same group, and no foreign value', async () => {
    const { candidate } = await offer(ada, [removalOf(dan)]);
    const alone = await ada.service.createGroup(CONVERSATION, NOW);
    const elsewhere = await ada.service.createGroup('other' as ConversationId, NOW);
    const opened = await ada.service.createCandidate(elsewhere, [await additionOf(person('eve'))], NOW);
    for (const [current, next] of [
      [ada.group, ada.group],
      [candidate.next, candidate.next],
      [candidate.next, ada.group],
      [alone, candidate.next],
      [alone, opened.next],
    ] as const)
      expect(() => ada.service.merge(current, next, NOW)).toThrow(expect.objectContaining({ code: 'NotNextEpoch' }));
    const foreign = { conversationId: CONVERSATION, epoch: 1n };
    expect(() => ada.service.merge(foreign, candidate.next, NOW)).toThrow(
      expect.objectContaining({ code: 'ForeignValue' }),
    );
    await expect(ada.service.encrypt(foreign, text('x'))).rejects.toMatchObject({ code: 'ForeignValue' });
  });

  it('tells committer, senders and actions with key package references, in the order of the updates', async () => {
    const joining = await additionOf(person('eve'));
    const { candidate } = await offer(cyd, [removalOf(dan), joining]);
    const actions = [
      removalOf(dan),
      {
        kind: 'add',
        memberId: person('eve').identity.memberId,
        keyPackageReference: await bob.service.keyPackageReferenceOf(joining.keyPackage),
        notBeforeSeconds: (NOW - KEY_PACKAGE_NOT_BEFORE_MS) / 1000,
      },
    ];
    expect(candidate.actions).toEqual(actions);
    expect(candidate.proposals).toHaveLength(2);
    const { next, ...rest } = await staged(bob, candidate);
    expect(next).toMatchObject({ conversationId: CONVERSATION, epoch: 2n });
    expect(rest).toEqual({
      kind: 'staged',
      committer: cyd.identity.memberId,
      proposalSenders: [cyd.identity.memberId, cyd.identity.memberId],
      actions,
      selfRemoved: false,
    });
  });

  it('the base goes on with chat, makes and stages further candidates, all of them good', async () => {
    const first = await offer(ada, [removalOf(dan)]);
    const base = { ...ada, group: first.candidate.base };
    expect(base.group.epoch).toBe(1n);
    expect((await receive(bob, (await send(base, 'while it is voted'))[1])).payload).toBe('while it is voted');
    expect((await receive(base, (await send(bob, 'meanwhile'))[1])).payload).toBe('meanwhile');
    const second = await offer(base, [removalOf(cyd)]);
    for (const { candidate, won } of [second, first])
      expect(authenticatorOf(await follow(bob, candidate))).toBe(authenticatorOf(won));
  });

  it('two commits of one epoch give two different states, though they change the same', async () => {
    const commits = [
      await offer(ada, [removalOf(dan)]),
      await offer(ada, [removalOf(dan)]),
      await offer(cyd, [removalOf(dan)]),
    ];
    const followed = await Promise.all(commits.map(({ candidate }) => follow(bob, candidate)));
    expect(new Set(followed.map(authenticatorOf)).size).toBe(3);
    expect(followed.map(authenticatorOf)).toEqual(commits.map(({ won }) => authenticatorOf(won)));
    const [, ciphertext] = await send(at(commits, 0).won, 'on one side');
    await expect(bob.service.decrypt(at(followed, 1).group, ciphertext, NOW)).rejects.toMatchObject({
      code: 'Tampered',
    });
  });

  it('of the own committer is not staged: it is its own candidate', async () => {
    const { candidate } = await offer(ada, [removalOf(dan)]);
    await expectAborted({ ...ada, group: candidate.base }, candidate);
  });

  it('leaves out who is no member and who is named twice; with nothing left it is an error', async () => {
    const stranger = removalOf(person('nobody'));
    const { candidate } = await offer(ada, [stranger, removalOf(dan), removalOf(dan)]);
    expect(candidate.actions).toEqual([removalOf(dan)]);
    expect(candidate.proposals).toHaveLength(1);
    for (const updates of [[stranger], []])
      await expect(ada.service.createCandidate(ada.group, updates, NOW)).rejects.toMatchObject({ code: 'NoChanges' });
  });

  it('never removes who makes it, adds nobody twice, refuses bad key packages and more than 50 changes', async () => {
    const refused = (updates: Parameters<typeof ada.service.createCandidate>[1], code: string, now = NOW) =>
      expect(ada.service.createCandidate(ada.group, updates, now)).rejects.toMatchObject({ code });
    await refused([removalOf(dan), removalOf(ada)], 'OwnRemoval');
    await refused([await additionOf(person('bob'))], 'DuplicateIdentity');
    await refused(
      [await additionOf(person('eve', 'one')), await additionOf(person('eve', 'two'))],
      'DuplicateIdentity',
    );
    await refused([{ kind: 'add', keyPackage: text('junk') }], 'Malformed');
    await refused([await additionOf(person('eve'))], 'KeyPackageLifetime', NOW + KEY_PACKAGE_LIFETIME_MS + 1000);
    const many = Array.from({ length: MAX_CANDIDATE_PROPOSALS + 1 }, () => removalOf(dan));
    await refused(many, 'TooManyUpdates');
    const { identity, random } = person('thief');
    const thief = create({ identity, random, signatureKey: bob.signatureKey });
    const stolen = await additionOf({ ...person('thief'), service: thief });
    await refused([stolen], 'DuplicateKey');
    const accomplice = create({ ...person('accomplice'), signatureKey: person('eve').signatureKey });
    const shared = await additionOf({ ...person('accomplice'), service: accomplice });
    await refused([await additionOf(person('eve')), shared], 'DuplicateKey');
    expect((await offer(ada, [removalOf(bob), stolen])).candidate.actions).toHaveLength(2);
  });

  it('adds by key packages that were approved long ago, and by clocks that differ, within limits (H-22)', async () => {
    const { candidate } = await offer(ada, [await additionOf(person('eve'))]);
    const latest = NOW + KEY_PACKAGE_LIFETIME_MS + KEY_PACKAGE_CATCH_UP_MS;
    const earliest = NOW - KEY_PACKAGE_NOT_BEFORE_MS - MAX_CLOCK_SKEW_MS;
    for (const now of [latest, earliest]) await staged(bob, candidate, now);
    for (const now of [latest + 1000, earliest - 1000]) await expectAborted(bob, candidate, now);
  });

  it('R-029 is aborted when a proposal is missing, sent twice, not committed, or of another candidate', async () => {
    const { candidate } = await offer(ada, [removalOf(cyd), removalOf(dan)]);
    const other = (await offer(cyd, [removalOf(dan)])).candidate;
    for (const proposals of [
      [],
      candidate.proposals.slice(0, 1),
      [...candidate.proposals, at(candidate.proposals, 0)],
      [...candidate.proposals, ...other.proposals],
      other.proposals,
    ])
      await expectAborted(bob, { proposals, commit: candidate.commit });
    expect((await bob.service.stageCandidate(bob.group, candidate, NOW)).kind).toBe('staged');
  });

  it('R-029 is aborted with messages of the wrong kind, garbage, or too much', async () => {
    const { candidate } = await offer(ada, [removalOf(dan)]);
    const { proposals, commit: genuine } = candidate;
    const [, chat] = await send(ada, 'chat');
    const { welcome } = (await offer(ada, [await additionOf(person('eve'))])).candidate;
    for (const wrong of [
      { proposals: [genuine], commit: genuine },
      { proposals, commit: at(proposals, 0) },
      { proposals, commit: chat },
      { proposals: [chat], commit: genuine },
      { proposals, commit: welcome ?? new Uint8Array() },
      { proposals: [text('garbage')], commit: genuine },
      { proposals, commit: new Uint8Array() },
      { proposals, commit: new Uint8Array([...genuine, 0]) },
      { proposals, commit: new Uint8Array(MAX_CANDIDATE_BYTES) },
    ])
      await expectAborted(bob, wrong);
  });

  it('R-029 is aborted with any byte of its commit or its proposals altered', async () => {
    const { candidate } = await offer(ada, [removalOf(dan)]);
    const { proposals, commit: genuine } = candidate;
    const before = bob.service.encodeParts(bob.group);
    const proposal = at(proposals, 0);
    const kindOf = async (altered: typeof candidate) =>
      (await bob.service.stageCandidate(bob.group, altered, NOW)).kind;
    for (let index = 0; index < genuine.length; index++)
      expect(await kindOf({ ...candidate, commit: flipped(genuine, index) }), `byte ${index}`).toBe('aborted');
    for (let index = 0; index < proposal.length; index++)
      expect(await kindOf({ ...candidate, proposals: [flipped(proposal, index)] }), `byte ${index}`).toBe('aborted');
    expect(bob.service.encodeParts(bob.group)).toEqual(before);
    expect(await kindOf(candidate)).toBe('staged');
  });

  it('R-029 of another group, or of an earlier or later epoch, is aborted', async () => {
    const elsewhere = await ada.service.createGroup('other' as ConversationId, NOW);
    const foreign = await ada.service.createCandidate(elsewhere, [await additionOf(person('eve'))], NOW);
    await expectAborted(bob, foreign);
    const first = await offer(ada, [removalOf(dan)]);
    const after = await follow(bob, first.candidate);
    await expectAborted(after, first.candidate);
    await expectAborted(bob, (await offer(first.won, [removalOf(cyd)])).candidate);
    const rogue = await groupOf(['x', 'y', 'z', 'dan'].map((name) => person(`rogue ${name}`)));
    await expectAborted(bob, (await offer(at(rogue, 0), [removalOf(at(rogue, 3))])).candidate);
  });
}
