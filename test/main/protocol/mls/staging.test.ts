/** Candidates of others: what is looked at without being installed, and what is never accepted. §7.3, H-12 */
import { createProposal } from 'ts-mls/createMessage.js';
import { encodeKeyPackage, generateKeyPackageWithKey, signKeyPackage } from 'ts-mls/keyPackage.js';
import { signLeafNodeKeyPackage } from 'ts-mls/leafNode.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_CANDIDATE_BYTES } from '../../../../shared/limits.ts';
import { buildCommit } from '../../../../main/protocol/mls/commit.ts';
import { createMlsService } from '../../../../main/protocol/mls/index.ts';
import { decodeKeyPackageBytes } from '../../../../main/protocol/mls/keyPackage.ts';
import { LEAF_CAPABILITIES } from '../../../../main/protocol/mls/leaf.ts';
import { commitOf, commitProposals, proposalOf, stateOf, suite } from './crafted.ts';
import {
  at,
  commit,
  expectAgreement,
  groupOf,
  letIn,
  NOW,
  person,
  receive,
  send,
  text,
  type Member,
} from './support.ts';

let members: Member[];
let ada: Member;
let bob: Member;
let cyd: Member;

beforeAll(async () => {
  members = await groupOf(['ada', 'bob', 'cyd', 'dan'].map((name) => person(name)));
  [ada, bob, cyd] = [at(members, 0), at(members, 1), at(members, 2)];
});

const removal = (index: number) => ({ kind: 'remove' as const, memberId: at(members, index).identity.memberId });
const addition = async (name: string, device?: string) => ({
  kind: 'add' as const,
  keyPackage: (await person(name, device).service.generateKeyPackage(NOW)).keyPackage,
});

describe('staging', () => {
  it('R-026 does not advance the epoch; after discarding, another candidate stages and merges', async () => {
    const parts = bob.service.encodeParts(bob.group);
    const first = await ada.service.createCandidate(ada.group, [removal(3)], NOW);
    expect((await bob.service.stageCandidate(bob.group, first, NOW)).kind).toBe('staged');
    expect(bob.group.epoch).toBe(1n);
    expect(bob.service.encodeParts(bob.group)).toEqual(parts);
    const second = await cyd.service.createCandidate(cyd.group, [removal(3)], NOW);
    const staged = await bob.service.stageCandidate(bob.group, second, NOW);
    if (staged.kind !== 'staged' || staged.next === undefined) throw new Error('not staged');
    const merged = bob.service.merge(bob.group, staged.next, NOW);
    expect(bob.service.epochAuthenticator(merged)).toEqual(cyd.service.epochAuthenticator(second.next));
  });

  it('R-027 does not clear an own candidate, and an own candidate does not clear it', async () => {
    const own = await bob.service.createCandidate(bob.group, [removal(3)], NOW);
    const rival = await ada.service.createCandidate(ada.group, [removal(3)], NOW);
    const staged = await bob.service.stageCandidate(own.base, rival, NOW);
    if (staged.kind !== 'staged' || staged.next === undefined) throw new Error('not staged');
    const withOwn = bob.service.merge(own.base, own.next, NOW);
    const withRival = bob.service.merge(own.base, staged.next, NOW);
    expect(bob.service.epochAuthenticator(withRival)).toEqual(ada.service.epochAuthenticator(rival.next));
    const atCyd = await cyd.service.stageCandidate(cyd.group, own, NOW);
    if (atCyd.kind !== 'staged' || atCyd.next === undefined) throw new Error('not staged');
    expect(cyd.service.epochAuthenticator(atCyd.next)).toEqual(bob.service.epochAuthenticator(withOwn));
  });

  it('reports the authenticated committer, the sender of each proposal and the actions with key package references', async () => {
    const joining = await addition('eve');
    const candidate = await cyd.service.createCandidate(cyd.group, [removal(3), joining], NOW);
    const staged = await bob.service.stageCandidate(bob.group, candidate, NOW);
    expect(staged).toMatchObject({
      kind: 'staged',
      committer: cyd.identity.memberId,
      proposalSenders: [cyd.identity.memberId, cyd.identity.memberId],
      selfRemoved: false,
    });
    const reference = await bob.service.keyPackageReferenceOf(joining.keyPackage);
    const actions = [
      { kind: 'remove', memberId: at(members, 3).identity.memberId },
      {
        kind: 'add',
        memberId: person('eve').identity.memberId,
        keyPackageReference: reference,
        notBeforeSeconds: NOW / 1000 - 3600,
      },
    ];
    expect(staged).toMatchObject({ actions });
    expect(candidate.actions).toEqual(actions);
  });

  it('reports a proposal that another member made', async () => {
    // Cyd proposes, Ada commits it: MLS allows that, whoever judges the bundle must see it.
    const state = stateOf(cyd);
    const { message } = await createProposal(state, false, proposalOf(cyd, removal(3)), suite);
    let holding = stateOf(ada);
    if (message.wireformat !== 'mls_private_message') throw new Error('no private message');
    holding = (await processPrivateMessage(holding, message.privateMessage, emptyPskIndex, suite)).newState;
    const built = await buildCommit(holding, suite);
    const staged = await bob.service.stageCandidate(
      bob.group,
      { proposals: [encodeMlsMessage(message)], commit: built.commit },
      NOW,
    );
    expect(staged).toMatchObject({
      kind: 'staged',
      committer: ada.identity.memberId,
      proposalSenders: [cyd.identity.memberId],
    });
  });

  it('goes on with chat that came in between, in both directions', async () => {
    const candidate = await ada.service.createCandidate(ada.group, [removal(3)], NOW);
    const staged = await bob.service.stageCandidate(bob.group, candidate, NOW);
    if (staged.kind !== 'staged' || staged.next === undefined) throw new Error('not staged');
    const [, early] = await send(cyd, 'early');
    const { receiver } = await receive(bob, early);
    const merged = bob.service.merge(receiver.group, staged.next, NOW);
    expect(await bob.service.decrypt(merged, early, NOW + 1)).toEqual({ kind: 'ignored', reason: 'replay' });
  });

  it('R-028 has nothing to merge but the following epoch of the same group', async () => {
    const candidate = await ada.service.createCandidate(ada.group, [removal(3)], NOW);
    for (const [current, next] of [
      [ada.group, ada.group],
      [candidate.next, candidate.next],
      [candidate.next, ada.group],
      [at(await groupOf([person('ada')]), 0).group, candidate.next],
    ] as const)
      expect(() => ada.service.merge(current, next, NOW)).toThrow(expect.objectContaining({ code: 'NotNextEpoch' }));
    expect(() =>
      ada.service.merge({ conversationId: ada.group.conversationId, epoch: 1n }, candidate.next, NOW),
    ).toThrow(expect.objectContaining({ code: 'ForeignValue' }));
  });
});

describe('an own candidate', () => {
  it('leaves out who is no member, and who is named twice', async () => {
    const stranger = { kind: 'remove' as const, memberId: person('nobody').identity.memberId };
    const candidate = await ada.service.createCandidate(ada.group, [stranger, removal(3), removal(3)], NOW);
    expect(candidate.actions).toEqual([removal(3)]);
    expect(candidate.proposals).toHaveLength(1);
    await expect(ada.service.createCandidate(ada.group, [stranger], NOW)).rejects.toMatchObject({ code: 'NoChanges' });
    await expect(ada.service.createCandidate(ada.group, [], NOW)).rejects.toMatchObject({ code: 'NoChanges' });
  });

  it('never removes who makes it, adds no member twice, and holds at most 50 changes', async () => {
    await expect(ada.service.createCandidate(ada.group, [removal(3), removal(0)], NOW)).rejects.toMatchObject({
      code: 'OwnRemoval',
    });
    await expect(ada.service.createCandidate(ada.group, [await addition('bob')], NOW)).rejects.toMatchObject({
      code: 'DuplicateIdentity',
    });
    await expect(
      ada.service.createCandidate(
        ada.group,
        Array.from({ length: 51 }, () => removal(3)),
        NOW,
      ),
    ).rejects.toMatchObject({ code: 'TooManyUpdates' });
    await expect(
      ada.service.createCandidate(ada.group, [{ kind: 'add', keyPackage: text('junk') }], NOW),
    ).rejects.toMatchObject({ code: 'Malformed' });
  });

  it('does not let in a stolen signature key under another identity', async () => {
    const bobsDevice = at(members, 1);
    const thief = createMlsService({
      identity: person('thief').identity,
      signatureKey: bobsDevice.signatureKey,
      random: person('thief').random,
    });
    const { keyPackage } = await thief.generateKeyPackage(NOW);
    await expect(ada.service.validateKeyPackage(keyPackage, NOW, ada.group)).rejects.toMatchObject({
      code: 'DuplicateKey',
    });
    await expect(ada.service.createCandidate(ada.group, [{ kind: 'add', keyPackage }], NOW)).rejects.toThrow();
    expect(
      (await cyd.service.stageCandidate(cyd.group, await commitOf(ada, [{ kind: 'add', keyPackage }]), NOW)).kind,
    ).toBe('aborted');
  });

  it('adds fifty people at once', async () => {
    const crowd = Array.from({ length: 50 }, (_, index) => person(`crowd ${index}`));
    const { members: all } = await letIn([at(await groupOf([person('ada')]), 0)], 0, crowd);
    expect(all).toHaveLength(51);
    const sample = [at(all, 0), at(all, 25), at(all, 50)];
    await expectAgreement(sample);
    const { members: fewer } = await commit(sample, 2, [{ kind: 'remove', memberId: at(all, 25).identity.memberId }]);
    await expectAgreement(fewer);
  });
});

describe('R-029 a candidate is aborted, and the group stays as it was,', () => {
  const aborted = async (
    candidate: { proposals: readonly Uint8Array[]; commit: Uint8Array },
    reason: string,
    receiver = bob,
  ) => {
    const before = receiver.service.encodeParts(receiver.group);
    expect(await receiver.service.stageCandidate(receiver.group, candidate, NOW)).toEqual({ kind: 'aborted', reason });
    expect(receiver.service.encodeParts(receiver.group)).toEqual(before);
  };

  it('W-12 with a proposal of any other type', async () => {
    const pskId = { psktype: 'external' as const, pskId: text('psk'), pskNonce: new Uint8Array(32) };
    for (const proposal of [
      { proposalType: 'group_context_extensions' as const, groupContextExtensions: { extensions: [] } },
      { proposalType: 'psk' as const, psk: { preSharedKeyId: pskId } },
      { proposalType: 'external_init' as const, externalInit: { kemOutput: new Uint8Array(32) } },
      {
        proposalType: 'reinit' as const,
        reinit: { groupId: text('other'), version: 'mls10' as const, cipherSuite: suite.name, extensions: [] },
      },
      { proposalType: 0xf0d2, proposalData: text('custom') },
    ]) {
      const { message } = await createProposal(stateOf(ada), false, proposal, suite);
      await aborted(
        {
          proposals: [encodeMlsMessage(message)],
          commit: (await commitProposals(ada, [proposalOf(ada, removal(3))])).commit,
        },
        'Malformed: type of proposal',
      );
    }
  });

  it('with a proposal by value, be it the only one or one more', async () => {
    const byValue = [proposalOf(ada, removal(3))];
    await aborted(
      await commitProposals(ada, [proposalOf(ada, removal(2))], { byValue }),
      'Malformed: proposal by value',
    );
    const { commit: bare } = await commitProposals(ada, [], { byValue });
    const { proposals } = await commitOf(cyd, [removal(3)]);
    await aborted({ proposals, commit: bare }, 'Malformed: proposal by value');
  });

  it('when a proposal of the bundle is not committed, is sent twice, or is missing', async () => {
    const { proposals, commit: whole } = await commitOf(ada, [removal(2), removal(3)]);
    await aborted({ proposals: proposals.slice(0, 1), commit: whole }, 'Malformed: reference');
    await aborted({ proposals: [...proposals, at(proposals, 0)], commit: whole }, 'Tampered: ValidationError');
    const { proposals: other } = await commitOf(cyd, [removal(3)]);
    await aborted({ proposals: [...proposals, ...other], commit: whole }, 'Malformed: proposal not committed');
    await aborted({ proposals: [], commit: whole }, 'TooManyUpdates');
  });

  it('with messages of the wrong kind or as PublicMessages', async () => {
    const good = await commitOf(ada, [removal(3)]);
    const [, chat] = await send(ada, 'chat');
    const kind = 'Malformed: wrong kind of message';
    await aborted({ proposals: [good.commit], commit: good.commit }, kind);
    await aborted({ proposals: good.proposals, commit: at(good.proposals, 0) }, kind);
    await aborted({ proposals: good.proposals, commit: chat }, kind);
    await aborted(await commitOf(ada, [removal(3)], { asPublicMessage: true }), kind);
    await aborted({ proposals: [text('garbage')], commit: good.commit }, 'Malformed');
    await aborted({ proposals: good.proposals, commit: new Uint8Array(MAX_CANDIDATE_BYTES) }, 'TooLarge: candidate');
  });

  it('of another group or another epoch', async () => {
    const elsewhere = await person('ada').service.createGroup('other-group' as Member['group']['conversationId'], NOW);
    const foreign = await person('ada').service.createCandidate(elsewhere, [await addition('eve')], NOW);
    await aborted(foreign, 'Malformed: another group');
    const { members: after } = await commit(members, 0, [removal(3)]);
    await aborted(await commitOf(at(after, 0), [removal(2)]), 'Malformed: another epoch');
    await aborted(await commitOf(ada, [removal(3)]), 'Malformed: another epoch', at(after, 1));
  });

  it('W-11 when the committer takes another identity or key on the way', async () => {
    const [imposter, renewed] = [stateOf(ada), stateOf(ada)];
    const { processed } = await alterOwnLeaf(imposter, (leaf) => ({
      ...leaf,
      credential: { credentialType: 'basic' as const, identity: new Uint8Array(20) },
    }));
    await aborted(processed, 'Malformed: committer changed');
    const other = person('ada', 'second device').signatureKey;
    const { processed: rekeyed } = await alterOwnLeaf(renewed, (leaf) => ({
      ...leaf,
      signaturePublicKey: other.publicKey,
    }));
    await aborted(rekeyed, 'Malformed: committer changed');
  });

  it('when the committer’s new leaf lost its binding', async () => {
    const { processed } = await alterOwnLeaf(stateOf(ada), (leaf) => ({ ...leaf, extensions: [] }));
    await aborted(processed, 'InvalidBinding');
  });

  it('when it adds a key package without a valid binding or that is long expired', async () => {
    const eve = person('eve');
    const lifetime = { notBefore: BigInt(NOW / 1000), notAfter: BigInt(NOW / 1000 + 3600) };
    const unbound = await generateKeyPackageWithKey(
      { credentialType: 'basic', identity: new Uint8Array(20) },
      LEAF_CAPABILITIES,
      lifetime,
      [],
      eve.signatureKey,
      suite,
    );
    await aborted(
      await commitProposals(ada, [{ proposalType: 'add', add: { keyPackage: unbound.publicPackage } }]),
      'InvalidBinding',
    );
    const stale = await eve.service.generateKeyPackage(NOW - 100 * 24 * 3_600_000);
    await aborted(await commitOf(ada, [{ kind: 'add', keyPackage: stale.keyPackage }]), 'KeyPackageLifetime');
  });

  it('when it adds a leaf with an encryption key that a member has already', async () => {
    const eve = person('eve');
    const own = decodeKeyPackageBytes((await eve.service.generateKeyPackage(NOW)).keyPackage);
    const bobs = stateOf(bob).ratchetTree[2];
    if (bobs?.nodeType !== 'leaf') throw new Error('no leaf');
    const copied = { ...own.leafNode, hpkePublicKey: bobs.leaf.hpkePublicKey };
    const leafNode = await signLeafNodeKeyPackage(copied, eve.signatureKey.signKey, suite.signature);
    const keyPackage = await signKeyPackage({ ...own, leafNode }, eve.signatureKey.signKey, suite.signature);
    await aborted(await commitProposals(ada, [{ proposalType: 'add', add: { keyPackage } }]), 'DuplicateKey', cyd);
    await expect(
      ada.service.createCandidate(ada.group, [{ kind: 'add', keyPackage: encodeKeyPackage(keyPackage) }], NOW),
    ).rejects.toMatchObject({ code: 'DuplicateKey' });
  });

  it('with any one byte changed', async () => {
    const good = await commitOf(ada, [removal(3)]);
    for (let index = 0; index < good.commit.length; index += 7) {
      const altered = good.commit.with(index, (good.commit[index] ?? 0) ^ 0x11);
      expect(
        (await bob.service.stageCandidate(bob.group, { ...good, commit: altered }, NOW)).kind,
        `commit byte ${index}`,
      ).toBe('aborted');
    }
    const proposal = at(good.proposals, 0);
    for (let index = 0; index < proposal.length; index += 7) {
      const altered = proposal.with(index, (proposal[index] ?? 0) ^ 0x11);
      expect(
        (await bob.service.stageCandidate(bob.group, { ...good, proposals: [altered] }, NOW)).kind,
        `proposal byte ${index}`,
      ).toBe('aborted');
    }
    expect((await bob.service.stageCandidate(bob.group, good, NOW)).kind).toBe('staged');
  });

  it('when it comes back to who made it', async () => {
    const candidate = await ada.service.createCandidate(ada.group, [removal(3)], NOW);
    await aborted(candidate, 'Tampered: ValidationError', { ...ada, group: candidate.base });
    await aborted(candidate, 'Tampered: own commit', ada);
  });

  it('that has no error of ours: a group that was not made here is a programming error', async () => {
    const good = await commitOf(ada, [removal(3)]);
    const foreign = { conversationId: ada.group.conversationId, epoch: 1n };
    await expect(bob.service.stageCandidate(foreign, good, NOW)).rejects.toMatchObject({ code: 'ForeignValue' });
  });

  type Leaf = Extract<NonNullable<ReturnType<typeof stateOf>['ratchetTree'][number]>, { nodeType: 'leaf' }>['leaf'];

  /** Ada commits from a state in which her own leaf reads differently, so that her path carries the altered leaf. */
  async function alterOwnLeaf(state: ReturnType<typeof stateOf>, alter: (leaf: Leaf) => Leaf) {
    const created = await createProposal(state, false, proposalOf(ada, removal(3)), suite);
    const node = state.ratchetTree[0];
    if (node?.nodeType !== 'leaf') throw new Error('no leaf');
    const ratchetTree = state.ratchetTree.with(0, { nodeType: 'leaf', leaf: alter(node.leaf) });
    const built = await buildCommit({ ...created.newState, ratchetTree }, suite);
    return { processed: { proposals: [encodeMlsMessage(created.message)], commit: built.commit } };
  }
});
