/** Members and outsiders who cheat: forged certificates, votes that come back to life, borrowed electorates, framed stewards. */
import { describe, expect, it } from 'vitest';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { inviteRequest, removalRequest } from '../../../../main/protocol/conversation/requests.ts';
import { buildProposal } from '../../../../main/protocol/consensus/proposal.ts';
import { inviteMac } from '../../../../main/protocol/conversation/invite.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import type { JoinerKeyPackage } from '../../../../main/protocol/mls/index.ts';
import { decodeAppMessage, encodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import {
  announcement,
  cast,
  certificate,
  commitOf,
  epochOf,
  has,
  isCandidate,
  receive,
  removes,
} from '../support/hostile.ts';
import { agreed, forge, groupOf, World, type Node } from '../support/world.ts';

describe('a certificate', () => {
  it('with votes whose signatures are made up proves nothing', async () => {
    const { world, nodes, steward, victim, observer } = await cast();
    const proposal = certificate(world, {
      payload: removalRequest(victim.memberId, ''),
      owner: steward,
      voters: [steward],
      forgedVoters: nodes.filter((node) => node !== steward),
      expected: 1,
      epoch: epochOf(world, steward),
    });
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: victim.memberId }], [proposal]);
    expect(await removes(world, observer, victim, packet)).toBe(false);
    expect(world.view(observer).counters).toMatchObject({ CertificateRefused: 1, CandidateStashedEarly: 1 });
  });

  it('of two thirds proves a removal, so that the other cases test what they say', async () => {
    const { world, steward, victim, observer, rest } = await cast();
    const proposal = certificate(world, {
      payload: removalRequest(victim.memberId, ''),
      owner: steward,
      voters: [steward, observer, ...rest],
      expected: 4,
      epoch: epochOf(world, steward),
    });
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: victim.memberId }], [proposal]);
    expect(await removes(world, observer, victim, packet)).toBe(true);
  });

  it('borrows no electorate: neither of the creator alone, nor of an epoch that the target did not live in', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    for (const epoch of [0n, 1n, 2n]) {
      const proposal = certificate(world, {
        payload: removalRequest(carol!.memberId, ''),
        owner: alice!,
        voters: [alice!],
        expected: 1,
        epoch,
        openedAt: world.now - 60_000,
      });
      const packet = await commitOf(world, alice!, [{ kind: 'remove', memberId: carol!.memberId }], [proposal]);
      expect(await removes(world, bob!, carol!, packet)).toBe(false);
    }
  });

  it('of an epoch long ended proves nothing, although as many were enough then', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const then = epochOf(world, alice!);
    const joiner = world.node('Carol');
    await world.join(joiner, world.invite(alice!));
    await world.run(30_000);
    const dave = world.node('Dave');
    await world.join(dave, world.invite(alice!));
    await world.run(30_000);
    const mallory = world.node('Mallory');
    const { keyPackage } = await mallory.mls.generateKeyPackage(world.now);
    const payload = inviteRequest({ memberId: mallory.memberId, keyPackage, mac: new Uint8Array(), displayName: '' });
    await world.run(3 * 3_600_000);
    const claim = { payload, owner: alice!, voters: [alice!, bob!], expected: 2, epoch: then };
    const steward = world.view(joiner).stewards.includes(alice!.memberId) ? alice! : bob!;
    world.delivery = () => [];
    for (const openedAt of [world.now, world.now - 3 * 3_600_000]) {
      const packet = await commitOf(
        world,
        steward,
        [{ kind: 'add', keyPackage }],
        [certificate(world, { ...claim, openedAt })],
      );
      await receive(world, joiner, packet);
      await world.run(20_000);
      expect(has(world, joiner, mallory.memberId)).toBe(false);
    }
  });

  it("of somebody's own leave is theirs alone to sign", async () => {
    const { world, steward, victim, observer } = await cast();
    const proposal = {
      ...certificate(world, {
        payload: removalRequest(victim.memberId, ''),
        owner: steward,
        voters: [steward],
        expected: 1,
        epoch: epochOf(world, steward),
      }),
      name: 'self-leave:4711',
    };
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: victim.memberId }], [proposal]);
    expect(await removes(world, observer, victim, packet)).toBe(false);
  });

  it('of a removal is spent once its target was let in again, also for those who came after', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: dave!.memberId });
    await world.run(100);
    for (const node of [bob!, carol!])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(30_000);
    expect(has(world, alice!, dave!.memberId)).toBe(false);
    const old = [alice!, bob!, carol!].flatMap(({ sent }) => sent.filter(isCandidate));
    const { payload } = decodeAppMessage(old.at(-1)!.payload);
    if (payload.case !== 'commitCandidate') throw new Error('no candidate');
    const spent = payload.value.certificates.flatMap(({ proposal }) => proposal ?? []);
    expect(spent).toHaveLength(1);
    // People let Dave in again; the rule may not.
    await world.join(dave!, world.invite(alice!));
    await world.run(2_000);
    const open = world.view(alice!).openProposals[0]!;
    for (const node of [alice!, bob!, carol!])
      await world
        .input(node, { kind: 'vote', proposalId: open.proposalId, approve: true })
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'UserAlreadyVoted' }));
    await world.run(30_000);
    expect(world.view(dave!).phase).toBe('working');
    const eve = world.node('Eve');
    await world.join(eve, world.invite(alice!));
    await world.run(30_000);
    expect(world.view(eve).phase).toBe('working');
    const steward = [alice!, bob!, carol!].find(({ memberId }) => world.view(eve).stewards.includes(memberId))!;
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: dave!.memberId }], spent);
    world.delivery = () => [];
    for (const node of [alice!, bob!, carol!, eve].filter((other) => other !== steward)) {
      await receive(world, node, packet);
      await world.run(20_000);
      expect(has(world, node, dave!.memberId)).toBe(true);
    }
  });
});

describe('somebody whom the group removes', () => {
  it('does not come back by a re-join that the rule approved just before', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve']);
    const [alice, bob, carol, dave, eve] = nodes as [Node, Node, Node, Node, Node];
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: eve.memberId, reason: 'spam' });
    await world.run(100);
    const fresh = await eve.mls.generateKeyPackage(world.now);
    const { secret } = world.invite(eve);
    for (const node of [bob, carol])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(10);
    world.send(announcement(eve, fresh, secret));
    await world.run(50);
    await world.input(dave, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(120_000);
    for (const node of [alice, bob, carol, dave]) {
      expect(world.view(node)).toMatchObject({ phase: 'working', approvedProposals: [], openProposals: [] });
      expect(has(world, node, eve.memberId)).toBe(false);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(alice)));
    }
  });

  it('stays somebody whom people vote on when it left before the commit', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: dave!.memberId });
    await world.run(100);
    await world.input(dave!, { kind: 'leave' });
    await world.run(100);
    for (const node of [bob!, carol!])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(30_000);
    expect(has(world, alice!, dave!.memberId)).toBe(false);
    await world.join(dave!, world.invite(alice!));
    await world.run(60_000);
    expect(world.view(dave!).phase).toBe('pendingJoin');
    expect(world.view(bob!).openProposals).toMatchObject([{ kind: 'addMember', target: dave!.memberId }]);
  });
});

describe('two votes on one joiner with two key packages', () => {
  it('decided in another order by each member, end in one group', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const joiner = world.node('Dave');
    const { secret } = world.invite(alice);
    const [one, two] = [
      await joiner.mls.generateKeyPackage(world.now),
      await joiner.mls.generateKeyPackage(world.now + 5_000),
    ];
    // Each of two members proposes another announcement; what one says reaches the other late.
    let group = groupOf(carol);
    const open = async (node: Node, { keyPackage }: JoinerKeyPackage, id: number) => {
      const proposal = buildProposal({
        name: 'x',
        payload: inviteRequest({
          memberId: joiner.memberId,
          keyPackage,
          mac: inviteMac(secret, keyPackage),
          displayName: '',
        }),
        proposalId: id as ProposalId,
        owner: node.memberId,
        expectedVoters: 3,
        expirySeconds: 600,
        livenessCriteriaYes: true,
        epoch: epochOf(world, node),
        now: world.now,
      });
      const made = await node.mls.encrypt(group, encodeAppMessage({ payload: { case: 'proposal', value: proposal } }));
      group = made.group;
      return made.ciphertext;
    };
    const first = await open(carol, one, 1);
    const second = await open(carol, two, 2);
    world.delivery = ({ from }, to) => (from === 'Carol' || to === 'Carol' ? [] : [5]);
    await receive(world, alice, first);
    await receive(world, bob, second);
    await world.run(500);
    await receive(world, alice, second);
    await receive(world, bob, first);
    await world.run(60_000);
    expect(agreed(world.view(alice))).toEqual(agreed(world.view(bob)));
    expect(world.view(alice)).toMatchObject({ phase: 'working', approvedProposals: [] });
    expect(has(world, alice, joiner.memberId)).toBe(true);
    for (const node of [alice, bob]) expect(world.view(node).members.every(({ score }) => score >= 60)).toBe(true);
  });
});

describe('a candidate on the wire', () => {
  it('W-8 whose envelope was rewritten on the way costs its honest steward nothing', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const [steward, ...others] = [alice, bob, carol].sort(
      (a, b) =>
        Number(world.view(b).stewards.includes(b.memberId)) - Number(world.view(a).stewards.includes(a.memberId)),
    ) as [Node, Node, Node];
    const [observer, victim] = others;
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: victim.memberId }]);
    const { payload } = decodeAppMessage(packet);
    if (payload.case !== 'commitCandidate') throw new Error('no candidate');
    const score = () => world.view(observer).members.find(({ memberId }) => memberId === steward.memberId)!.score;
    const before = score();
    for (let copy = 0; copy < 4; copy += 1)
      await receive(
        world,
        observer,
        encodeAppMessage({
          payload: {
            case: 'commitCandidate',
            value: { ...payload.value, stewardIdentity: memberIdToBytes(victim.memberId) },
          },
        }),
      );
    expect(score()).toBe(before);
  });

  it('of somebody who may not commit costs its committer nothing: the proof of its right may have been stripped', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { stewardsMax: 1 });
    const view = world.view(nodes[0]!);
    const stranger = nodes.find(({ memberId }) => !view.stewards.includes(memberId))!;
    const [observer, target] = nodes.filter((node) => node !== stranger) as [Node, Node];
    const score = () => world.view(observer).members.find(({ memberId }) => memberId === stranger.memberId)!.score;
    const before = score();
    const packet = await commitOf(world, stranger, [{ kind: 'remove', memberId: target.memberId }]);
    for (let copy = 0; copy < 5; copy += 1) await receive(world, observer, packet);
    expect(score()).toBe(before);
    expect(world.view(observer)).toMatchObject({
      phase: 'working',
      counters: { CommitterNotAuthorised: 1, CandidateStashedEarly: 4 },
    });
  });

  it('whose certificates were stripped on the way does not hide the whole one', async () => {
    const { world, steward, victim, observer, rest } = await cast();
    const proposal = certificate(world, {
      payload: removalRequest(victim.memberId, ''),
      owner: steward,
      voters: [steward, observer, ...rest],
      expected: 4,
      epoch: epochOf(world, steward),
    });
    const whole = await commitOf(world, steward, [{ kind: 'remove', memberId: victim.memberId }], [proposal]);
    const { payload } = decodeAppMessage(whole);
    if (payload.case !== 'commitCandidate') throw new Error('no candidate');
    const stripped = encodeAppMessage({
      payload: { case: 'commitCandidate', value: { ...payload.value, certificates: [] } },
    });
    world.delivery = () => [];
    await receive(world, observer, stripped);
    expect(await removes(world, observer, victim, whole)).toBe(true);
  });
});

describe('a proposal', () => {
  it('that names another epoch than its own opens no vote', async () => {
    const { world, steward, observer, victim } = await cast();
    const value = certificate(world, {
      payload: removalRequest(victim.memberId, ''),
      owner: steward,
      voters: [steward],
      expected: 4,
      epoch: epochOf(world, steward) - 1n,
    });
    await forge(world, steward, { payload: { case: 'proposal', value } });
    await world.run(100);
    expect(world.view(observer)).toMatchObject({ openProposals: [], counters: { EpochMismatch: 1 } });
  });
});
