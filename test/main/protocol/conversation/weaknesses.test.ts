/** Attacks of §23 on whole groups: invented electorates, emergencies that consensus refuses, floods of junk, swapped joiners, messages around a commit. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { removalRequest } from '../../../../main/protocol/conversation/requests.ts';
import { buildProposal, proposalHash } from '../../../../main/protocol/consensus/proposal.ts';
import { buildVote } from '../../../../main/protocol/consensus/vote.ts';
import { createIdentity, type Identity } from '../../../../main/protocol/identity/index.ts';
import type { Proposal } from '../../../../main/protocol/wire/index.ts';
import { stateOf } from '../support/drafts.ts';
import { emergencyOf } from '../support/governance.ts';
import { cast, commitOf, epochOf, has, isCandidate, receive } from '../support/hostile.ts';
import { agreed, forge, groupOf, seededRandom, texts, World, type Node } from '../support/world.ts';

/** A proposal of this member with whatever it likes in it. */
function proposalBy(world: World, node: Node, payload: Uint8Array, expectedVoters: number): Proposal {
  return buildProposal({
    name: `by ${node.name}`,
    payload,
    proposalId: Buffer.from(node.random(4)).readUInt32BE(0) as ProposalId,
    owner: node.memberId,
    expectedVoters,
    expirySeconds: 600,
    livenessCriteriaYes: false,
    epoch: groupOf(node).epoch,
    now: world.now,
  });
}

const voteOf = (proposal: Proposal, identity: Identity, voteId: number) =>
  buildVote(
    {
      voteId,
      proposalId: proposal.proposalId,
      proposalHash: proposalHash(proposal),
      timestampSeconds: proposal.timestamp,
      choice: true,
      votes: [],
    },
    identity,
  );

describe('a member that invents voters', () => {
  it('R-124 W-1 W-2 removes nobody: neither with a smaller electorate, nor with wallets that nobody let in', async () => {
    const world = new World();
    const [mallory, victim, ...rest] = (await world.group(['Mallory', 'Victim', 'Carol', 'Dave'])) as [
      Node,
      Node,
      Node,
      Node,
    ];
    const wallets = Array.from({ length: 6 }, (_, index) =>
      createIdentity(createHash('sha256').update(`invented ${index}`).digest()),
    );
    for (const expected of [0, 1, 2, 4]) {
      const honest = proposalBy(world, mallory, removalRequest(victim.memberId, ''), 4);
      const proposal = { ...honest, expectedVotersCount: expected };
      // Its own vote inside, an invented one beside it, and all of them again one by one, all properly signed.
      const votes = [mallory.identity, ...wallets].map((identity, index) => voteOf(proposal, identity, index));
      for (const embedded of [votes.slice(0, 1), votes.slice(0, 2), []])
        await forge(world, mallory, { payload: { case: 'proposal', value: { ...proposal, votes: embedded } } });
      for (const vote of votes) await forge(world, mallory, { payload: { case: 'vote', value: vote } });
      await world.run(100);
    }
    await world.run(700_000);
    for (const node of [victim, ...rest]) {
      expect(has(world, node, victim.memberId)).toBe(true);
      expect(world.view(node)).toMatchObject({ openProposals: [], approvedProposals: [], phase: 'working' });
      expect(world.view(node).counters.ExpectedVotersMismatch).toBeGreaterThan(0);
      const voters = [...node.proposals.values()].flatMap(({ votes }) => votes.map(({ memberId }) => memberId));
      expect(wallets.filter(({ memberId }) => voters.includes(memberId))).toEqual([]);
    }
  });
});

describe('an emergency that consensus refuses', () => {
  it('R-163 W-5 freezes nothing: expired, back-dated, with a wrong vote inside, or said again after it was decided', async () => {
    const world = new World();
    const [mallory, victim, observer] = (await world.group(['Mallory', 'Victim', 'Carol', 'Dave'])) as [
      Node,
      Node,
      Node,
      Node,
    ];
    const request = emergencyOf(mallory, { target: victim.memberId });
    const valid = proposalBy(world, mallory, request, 4);
    const seconds = BigInt(world.now / 1000);
    const wrong: readonly Proposal[] = [
      { ...valid, proposalId: 1, timestamp: seconds - 100n, expirationTimestamp: seconds - 1n },
      { ...valid, proposalId: 2, timestamp: seconds - 5_000n, expirationTimestamp: seconds + 600n },
      { ...valid, proposalId: 3, expirationTimestamp: seconds + 10_000_000n },
      { ...valid, proposalId: 4, votes: [voteOf(valid, mallory.identity, 1)] },
      { ...valid, proposalId: 5, expectedVotersCount: 2 },
    ];
    for (const value of wrong) await forge(world, mallory, { payload: { case: 'proposal', value } });
    await world.run(100);
    expect(world.view(observer).openProposals).toEqual([]);
    const removal = { kind: 'removeMember', memberId: mallory.memberId } as const;
    const { reply } = await world.input(observer, removal);
    expect(world.view(observer).openProposals.map(({ proposalId }) => proposalId)).toEqual([reply.proposalId]);
    // A genuine one is voted on, decided, and then repeated.
    await forge(world, mallory, { payload: { case: 'proposal', value: valid } });
    await world.run(60_000);
    expect(observer.proposals.get(valid.proposalId as ProposalId)?.outcome).toBe('rejected');
    await forge(world, mallory, { payload: { case: 'proposal', value: valid } });
    await world.run(100);
    expect(world.view(observer).openProposals.map(({ kind }) => kind)).not.toContain('emergency');
    await world.input(observer, { kind: 'removeMember', memberId: victim.memberId });
  });
});

describe('junk in the clear', () => {
  it('R-247 W-7 by the hundred neither begins nor ends a freeze, fills nothing, and costs nobody points', async () => {
    const { world, nodes, steward, observer, rest } = await cast(['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank']);
    const leaver = rest[0]!;
    const scores = () => world.view(observer).members.map(({ memberId, score }) => [memberId, score]);
    const genuine = await commitOf(world, steward, [{ kind: 'remove', memberId: leaver.memberId }]);
    const random = seededRandom('junk');
    const junk = (): Uint8Array => {
      const copy = Uint8Array.from(genuine);
      const [a = 0, b = 0, bits = 1] = random(3);
      copy[40 + (((a << 8) + b) % (copy.length - 40))]! ^= bits === 0 ? 1 : bits;
      return copy;
    };
    world.delivery = () => [];
    const before = scores();
    for (let count = 0; count < 200; count += 1) await receive(world, observer, junk());
    expect(world.view(observer)).toMatchObject({ phase: 'working', freeze: null });
    expect(stateOf(observer).stash.length + stateOf(observer).parked.length).toBeLessThanOrEqual(1 + nodes.length);
    expect(scores()).toEqual(before);
    // Now a real freeze, which the same flood neither ends nor spoils.
    await world.input(leaver, { kind: 'leave' });
    await receive(world, observer, leaver.sent.at(-1)!.payload);
    await receive(world, observer, genuine);
    expect(world.view(observer).phase).toBe('freezing');
    const { freeze } = world.view(observer);
    for (let count = 0; count < 100; count += 1) await receive(world, observer, junk());
    expect(world.view(observer)).toMatchObject({ phase: 'freezing', freeze });
    const { epoch } = world.view(observer);
    await world.run(10_000);
    expect(world.view(observer)).toMatchObject({ phase: 'working', epoch: epoch + 1 });
    expect(has(world, observer, leaver.memberId)).toBe(false);
  });
});

describe('a steward that swaps the joiner', () => {
  it('R-251 W-10 for somebody else, or for another key package of the same name, lets nobody in', async () => {
    const { world, steward, observer } = await cast();
    const [joiner, crony] = [world.node('Joiner'), world.node('Crony')];
    const again = world.node('Again', joiner);
    await world.join(joiner, world.invite(observer));
    await world.run(100);
    const [approved] = stateOf(observer).queues.approved;
    if (approved?.change.kind !== 'add') throw new Error('not approved yet');
    const { keyPackage: voted } = approved.change;
    expect(approved.change.memberId).toBe(joiner.memberId);
    world.delivery = () => [];
    for (const swapped of [crony, again]) {
      const { keyPackage } = await swapped.mls.generateKeyPackage(world.now);
      await receive(world, observer, await commitOf(world, steward, [{ kind: 'add', keyPackage }]));
      await world.run(100);
      expect(world.view(observer)).toMatchObject({ phase: 'working', freeze: null });
    }
    const { epoch } = world.view(observer);
    await receive(world, observer, await commitOf(world, steward, [{ kind: 'add', keyPackage: voted }]));
    await world.run(20_000);
    expect(world.view(observer).epoch).toBe(epoch + 1);
    expect(has(world, observer, joiner.memberId)).toBe(true);
    expect(has(world, observer, crony.memberId)).toBe(false);
    // Exactly what was voted on is in.
    expect(stateOf(observer).roster.usedKeyPackages.at(-1)).toBe(
      Buffer.from(await observer.mls.keyPackageReferenceOf(voted)).toString('hex'),
    );
  });
});

describe('messages around a commit', () => {
  it('W-31 R-034 are not lost: one of the epoch before arrives late, one of the epoch after early, each shown once', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const leaver = nodes.find(({ memberId }) => !world.view(nodes[0]!).stewards.includes(memberId)) ?? nodes[3]!;
    const [early, late, reader] = nodes.filter((node) => node !== leaver) as [Node, Node, Node];
    const epoch = epochOf(world, reader);
    // What `late` says before the commit is 5 s on its way to the reader; the reader itself hears of the commit only after 8 s.
    world.delivery = (packet, to) => {
      if (to !== reader.name) return [5];
      if (packet.from === late.name && !isCandidate(packet)) return [20_000];
      return isCandidate(packet) ? [8_000] : [5];
    };
    await world.say(late, 'of the epoch before');
    await world.input(leaver, { kind: 'leave' });
    await world.run(7_000);
    expect(epochOf(world, early)).toBe(epoch + 1n);
    await world.say(early, 'of the epoch after');
    await world.run(20);
    expect(texts(reader)).not.toContain('of the epoch after');
    await world.run(60_000);
    expect(texts(reader).sort()).toEqual(['of the epoch after', 'of the epoch before']);
    expect(agreed(world.view(reader))).toEqual(agreed(world.view(early)));
  });
});
