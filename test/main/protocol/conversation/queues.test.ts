/** The approved queue and the outcomes behind it: order, duplicates, what never enters, and what a commit leaves. §11.3, §11.4 */
import { describe, expect, it } from 'vitest';
import { MAX_RESOLVED_PROPOSALS } from '../../../../shared/limits.ts';
import type { MemberId, ProposalId } from '../../../../shared/model/ids.ts';
import { applyDecisions } from '../../../../main/protocol/conversation/decisions.ts';
import { plugins, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { removalRequest } from '../../../../main/protocol/conversation/requests.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import { encodeConversationUpdateRequest } from '../../../../main/protocol/wire/index.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
import { certificate, commitOf, epochOf, has, receive } from '../support/hostile.ts';
import { forge, World, type Node } from '../support/world.ts';

/** Opens and decides a vote of this payload in the draft of somebody who is alone. */
async function decided(draft: Draft, payload: Uint8Array): Promise<ProposalId> {
  const { proposalId } = plugins(draft).consensus.openProposal({
    payload,
    expirySeconds: 600,
    livenessCriteriaYes: false,
    window: { timeoutMs: 60_000 },
    roster: [draft.self],
    epoch: draft.state.group.epoch,
    now: draft.now,
    ownVote: true,
  });
  await applyDecisions(draft);
  return proposalId;
}

/** Removals of these members, approved in this order; nobody who may commit hears of them. */
async function approvedRemovals(count: number) {
  const world = new World();
  const names = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank', 'Grace'].slice(0, count + 3);
  const nodes = await world.group(names, { stewardsMax: 1 });
  const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
  const others = nodes.filter((node) => node !== steward);
  const targets = others.slice(0, count);
  const observer = others.at(-1)!;
  world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
  const ids: ProposalId[] = [];
  for (const target of targets) {
    const { reply } = await world.input(observer, { kind: 'removeMember', memberId: target.memberId });
    await world.run(10);
    for (const node of others.filter((other) => other !== observer)) {
      if (node.proposals.get(reply.proposalId!)?.outcome !== 'open') continue;
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    }
    await world.run(10);
    ids.push(reply.proposalId!);
  }
  return { world, nodes, steward, others, targets, observer, ids };
}

const queueOf = (world: World, node: Node) => world.view(node).approvedProposals.map(({ proposalId }) => proposalId);

describe('the approved queue', () => {
  it('R-165 R-169 keeps the order of decisions whatever the ids are; what a commit carries out goes, the others stay', async () => {
    const { world, steward, targets, observer, ids } = await approvedRemovals(3);
    expect(queueOf(world, observer)).toEqual(ids);
    // A repeated outcome does not move an entry.
    const draft = draftOf(world, observer);
    plugins(draft).consensus.handleTimeout(ids[0]!, world.now + 10 ** 7);
    await applyDecisions(draft);
    expect(draft.state.queues.approved.map(({ proposalId }) => proposalId)).toEqual(ids);
    // The middle one alone is committed.
    const second = targets[1]!;
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: second.memberId }]);
    world.delivery = () => [];
    await receive(world, observer, packet);
    await world.run(10_000);
    expect(has(world, observer, second.memberId)).toBe(false);
    expect(queueOf(world, observer)).toEqual([ids[0], ids[2]]);
  });

  it('R-166 keeps every removal when a freeze ends without a commit', async () => {
    const { world, observer, ids } = await approvedRemovals(2);
    for (let waited = 0; world.view(observer).phase !== 'reelection' && waited < 60_000; waited += 100)
      await world.run(100);
    expect(world.view(observer).phase).toBe('reelection');
    expect(queueOf(world, observer)).toEqual(ids);
  });

  it('R-167 a consensus that was reset knows no vote as ours: nothing can be cast in its name', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    const { consensus } = plugins(draftOf(world, alice!));
    expect(consensus.session(reply.proposalId!)?.proposal.proposalOwner).toEqual(memberIdToBytes(alice!.memberId));
    consensus.reset();
    expect(consensus.session(reply.proposalId!)).toBeUndefined();
    expect(() => consensus.castVote(reply.proposalId!, true, world.now)).toThrow(
      expect.objectContaining({ code: 'SessionNotFound' }),
    );
    expect(consensus.nextTimeoutAt()).toBeUndefined();
    expect(bob).toBeDefined();
  });
});

describe('an accepted request', () => {
  it('R-181 R-192 W-6 that means nothing is counted and never queued, and commits go on', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice']);
    const draft = draftOf(world, alice!);
    const meaningless = [
      new Uint8Array(),
      Uint8Array.of(0xff, 0xff, 0xff),
      encodeConversationUpdateRequest({ payload: { case: undefined } }),
      encodeConversationUpdateRequest({
        payload: { case: 'inviteMember', value: { keyPackageBytes: new Uint8Array(9), identity: new Uint8Array(20) } },
      }),
      encodeConversationUpdateRequest({ payload: { case: 'removeMember', value: { identity: new Uint8Array(3) } } }),
    ];
    for (const payload of meaningless) await decided(draft, payload);
    expect(draft.state.queues.approved).toEqual([]);
    expect(draft.state.queues.resolved).toHaveLength(meaningless.length);
    expect(draft.state.volatile.counters).toMatchObject({ InvalidConversationUpdateRequest: meaningless.length });
    const bob = world.node('Bob');
    await world.join(bob, world.invite(alice!));
    await world.run(10_000);
    expect(world.view(bob).phase).toBe('working');
  });

  it('R-192 W-6 that means nothing is not even put to the vote when a peer opens it', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const offers = [
      [bob, new Uint8Array()],
      [carol, Uint8Array.of(0xff)],
    ] as const;
    for (const [owner, payload] of offers) {
      const value = certificate(world, {
        payload,
        owner,
        voters: [owner],
        expected: 3,
        epoch: epochOf(world, owner),
      });
      await forge(world, owner, { payload: { case: 'proposal', value } });
      await world.run(10);
    }
    expect(world.view(alice)).toMatchObject({ openProposals: [], approvedProposals: [] });
    expect(world.view(alice).counters).toMatchObject({ InvalidConversationUpdateRequest: 2 });
    for (const node of [bob, carol])
      expect(world.view(node).counters).toMatchObject({ InvalidConversationUpdateRequest: 1 });
    await world.input(alice, { kind: 'leave' });
    await world.run(30_000);
    expect(world.view(bob)).toMatchObject({ phase: 'working' });
    expect(has(world, bob, alice.memberId)).toBe(false);
  });

  it('R-171 R-172 is remembered as resolved, the oldest 256 of them; a repetition neither applies nor refreshes', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice']);
    const draft = draftOf(world, alice!);
    const old = Array.from({ length: MAX_RESOLVED_PROPOSALS }, (_, index) => (index + 1) as ProposalId);
    draft.state.queues = { ...draft.state.queues, resolved: old };
    const stranger = new Uint8Array(20).fill(7);
    const first = await decided(draft, encodeConversationUpdateRequest({ payload: { case: undefined } }));
    expect(draft.state.queues.resolved).toEqual([...old.slice(1), first]);
    const second = await decided(
      draft,
      encodeConversationUpdateRequest({ payload: { case: 'removeMember', value: { identity: stranger } } }),
    );
    const resolved = [...old.slice(2), first, second];
    expect(draft.state.queues.resolved).toEqual(resolved);
    const effects = draft.effects.length;
    for (const proposalId of [first, second]) plugins(draft).consensus.handleTimeout(proposalId, draft.now + 10 ** 7);
    await applyDecisions(draft);
    expect(draft.state.queues.resolved).toEqual(resolved);
    expect(draft.effects.length).toBe(effects);
  });

  it('W-19 is told only when its session can be loaded, with its outcome', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice']);
    const draft = draftOf(world, alice!);
    const { consensus } = plugins(draft);
    const session = consensus.openProposal({
      payload: removalRequest('0x0000000000000000000000000000000000000000' as MemberId, ''),
      expirySeconds: 600,
      livenessCriteriaYes: false,
      window: { timeoutMs: 60_000 },
      roster: [draft.self],
      epoch: 0n,
      now: draft.now,
      ownVote: true,
    });
    const events = consensus.drainEvents();
    expect(events).toMatchObject([{ kind: 'consensusReached', proposalId: session.proposalId, result: true }]);
    for (const event of events) {
      if (event.kind === 'equivocation') continue;
      expect(consensus.session(event.proposalId)?.state).toMatchObject({ kind: 'reached', result: true });
      expect(consensus.snapshot().sessions.map(({ proposalId }) => proposalId)).toContain(event.proposalId);
    }
    // And a second look finds nothing more to tell.
    expect(consensus.drainEvents()).toEqual([]);
    expect(stateOf(alice!).consensus.sessions).toEqual([]);
  });
});

describe('an approved change that nobody could write', () => {
  it('H-25 W-25 goes before the freeze: two people with one device do not stop every commit', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { commitInactivityMs: 10_000 });
    const twin = world.node('Twin');
    const other = world.node('Other', undefined, twin);
    await world.join(twin, world.invite(nodes[0]!));
    await world.join(other, world.invite(nodes[0]!));
    await world.run(1_000);
    expect(world.view(nodes[0]!).approvedProposals).toHaveLength(2);
    await world.run(60_000);
    for (const node of nodes) {
      const view = world.view(node);
      expect(view).toMatchObject({ phase: 'working', approvedProposals: [] });
      expect(view.members).toHaveLength(4);
      expect(view.members.every(({ score }) => score >= 100)).toBe(true);
    }
  });
});
