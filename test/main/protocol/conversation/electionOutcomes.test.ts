/** What elections change when they are decided, what they hold up, and which lists nobody gets through. §11.3, §12.8, H-13 */
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../../../shared/model/ids.ts';
import { electionPool, nextList, openElection } from '../../../../main/protocol/conversation/elections.ts';
import { plugins, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { inactivityDueAt } from '../../../../main/protocol/conversation/freezing.ts';
import { electionRequest } from '../../../../main/protocol/conversation/requests.ts';
import type { StewardList } from '../../../../main/protocol/steward-list/index.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
import { decide, emergencyOf, file } from '../support/governance.ts';
import { commitOf, has, receive } from '../support/hostile.ts';
import { agreed, World, type Node } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank'];

async function groupOfFive(settings = {}) {
  const world = new World();
  const nodes = (await world.group(NAMES.slice(0, 5), settings)) as [Node, Node, Node, Node, Node];
  await world.run(30_000);
  return { world, nodes };
}

/** As after a commit of Recovery mode: the group chooses again (13.3). */
function callFor(draft: Draft): void {
  draft.state.mandate = { ...draft.state.mandate, recoveredIn: Number(draft.state.group.epoch) };
}

describe('an election', () => {
  const valid = async () => {
    const { world, nodes } = await groupOfFive({ stewardsMax: 2 });
    return { world, nodes, draft: draftOf(world, nodes[0]) };
  };

  it('R-173 R-230 that is accepted installs its list and queues nothing', async () => {
    const { draft } = await valid();
    // Another attempt than the installed one, so that something changes.
    const list = plugins(draft).stewardList.nextElection(electionPool(draft), draft.state.group.epoch, 1);
    const proposalId = await decide(draft, electionRequest(list));
    expect(draft.state.queues.approved).toEqual([]);
    expect(plugins(draft).stewardList.list()).toEqual(list);
    expect(plugins(draft).consensus.session(proposalId)?.state).toMatchObject({ kind: 'reached', result: true });
    expect(openElection(draft)).toBeUndefined();
  });

  it('R-174 that is rejected queues nothing, keeps the list, and counts as an attempt', async () => {
    const { draft } = await valid();
    callFor(draft);
    const { stewardList } = plugins(draft);
    const [before, counter] = [stewardList.list(), stewardList.retryCounter()];
    await decide(draft, electionRequest(nextList(draft)), false);
    expect(draft.state.queues.approved).toEqual([]);
    expect(stewardList.list()).toEqual(before);
    expect(stewardList.retryCounter()).toBe(counter + 1);
    expect(nextList(draft).retryRound).toBe(counter + 1);
  });

  it('R-220 W-13 is never installed with strangers, for another epoch, beyond the last round, or in an order that suits, even when it is accepted', async () => {
    const { draft, nodes } = await valid();
    const { stewardList } = plugins(draft);
    const before = stewardList.list();
    const right = stewardList.nextElection(electionPool(draft), draft.state.group.epoch, 1);
    const stranger = '0x0000000000000000000000000000000000000001' as MemberId;
    const wrong: readonly StewardList[] = [
      { ...right, stewards: [stranger, ...right.stewards.slice(1)] },
      { ...right, electionEpoch: right.electionEpoch + 1n },
      { ...right, electionEpoch: right.electionEpoch - 1n },
      { ...right, retryRound: stewardList.maxReelectionAttempts() + 1 },
      { ...right, stewards: [...right.stewards].reverse() },
    ];
    for (const list of wrong) await decide(draft, electionRequest(list));
    expect(stewardList.list()).toEqual(before);
    expect(draft.state.volatile.counters).toMatchObject({ ElectionNotInstalled: wrong.length });
    await decide(draft, electionRequest(right));
    expect(stewardList.list()).toEqual(right);
    expect(nodes).toHaveLength(5);
  });

  it('R-220 W-13 of cronies, strangers, another epoch or round is voted down by every client, and costs the group nothing', async () => {
    const world = new World();
    const all = await world.group([...NAMES, 'Grace'], { stewardsMax: 2, maxReelectionAttempts: 1 });
    // One epoch later nobody has just come: who has cannot know whose turn it is, and trusts the computed list.
    const grace = all.pop()!;
    await world.input(grace, { kind: 'leave' });
    await world.run(60_000);
    const nodes = all;
    const { stewards } = world.view(nodes[0]!);
    const mallory = nodes.find(({ memberId }) => !stewards.includes(memberId))!;
    const rest = nodes.filter((node) => node !== mallory);
    const epoch = BigInt(world.view(mallory).epoch);
    const list = (change: Partial<StewardList>): Uint8Array =>
      electionRequest({ stewards: [mallory.memberId], electionEpoch: epoch, retryRound: 0, ...change });
    const attempts = [
      list({}),
      list({ stewards: [mallory.memberId, '0x0000000000000000000000000000000000000001' as MemberId] }),
      list({ retryRound: 9, stewards: [...stewards] }),
      // The right list, from somebody whose turn it is not, in a group that needs no election.
      electionRequest(nextList(draftOf(world, mallory))),
    ];
    const before = agreed(world.view(rest[0]!));
    for (const attempt of attempts) {
      const { proposalId } = await file(world, mallory, attempt);
      await world.run(60_000);
      for (const node of rest) {
        const record = node.proposals.get(proposalId as never)!;
        expect(record).toMatchObject({ kind: 'stewardElection', outcome: 'rejected' });
        expect(record.votes.filter(({ approve }) => approve)).toEqual([]);
      }
    }
    await file(world, mallory, list({ electionEpoch: epoch + 5n }));
    await world.run(1_000);
    for (const node of rest) {
      expect(world.view(node).counters).toMatchObject({ ElectionOutdated: 1 });
      expect({ ...agreed(world.view(node)), epoch: 0 }).toEqual({ ...before, epoch: 0 });
      expect(node.events.some(({ kind }) => kind === 'VoteRequested')).toBe(false);
    }
  });

  it('R-074 holds back the freeze by inactivity until it is decided', async () => {
    const { world, draft } = await valid();
    callFor(draft);
    draft.state.phase = { ...draft.state.phase, anchor: world.now };
    const due = inactivityDueAt(draft);
    expect(due).toBeGreaterThanOrEqual(world.now);
    const { proposalId } = plugins(draft).consensus.openProposal({
      payload: electionRequest(nextList(draft)),
      expirySeconds: 600,
      livenessCriteriaYes: false,
      window: { timeoutMs: 60_000 },
      roster: world.view([...world.nodes.values()][0]!).members.map(({ memberId }) => memberId),
      epoch: draft.state.group.epoch,
      now: draft.now,
    });
    expect(openElection(draft)?.proposalId).toBe(proposalId);
    expect(inactivityDueAt(draft)).toBeUndefined();
    plugins(draft).consensus.handleTimeout(proposalId, draft.now + 120_000);
    expect(inactivityDueAt(draft)).toBe(due);
  });

  it('R-075 that failed, and Recovery mode, put the recovery window in the place of the batching window', async () => {
    const { world, nodes } = await groupOfFive({ commitInactivityMs: 20_000, recoveryInactivityMs: 1_500 });
    const first = nodes.find(
      ({ memberId }) => world.view(nodes[0]).members.find(({ role }) => role === 'epochSteward')?.memberId === memberId,
    )!;
    const due = (change: (draft: Draft) => void): number => {
      const draft = draftOf(world, first);
      draft.state.phase = { ...draft.state.phase, anchor: world.now };
      change(draft);
      return inactivityDueAt(draft)! - world.now;
    };
    expect(due(() => undefined)).toBe(20_000);
    expect(due((draft) => plugins(draft).stewardList.bumpRetry())).toBe(1_500);
    expect(
      due((draft) => {
        draft.state.phase = { ...draft.state.phase, mode: 'recovery' };
      }),
    ).toBeLessThan(20_000);
    expect(
      due((draft) => {
        plugins(draft).stewardList.bumpRetry();
        plugins(draft).stewardList.resetRetry();
      }),
    ).toBe(20_000);
  });

  it('R-085 is voted on after the delay of elections, everything else after its own', async () => {
    const { world, nodes } = await groupOfFive({ electionVotingDelayMs: 7_000, votingDelayMs: 3_000, stewardsMax: 2 });
    const [alice, bob, carol] = nodes;
    world.delivery = (_packet, to) => (to === carol.name ? [0] : []);
    const election = await file(world, alice, electionRequest(nextList(draftOf(world, alice))));
    await world.run(0);
    expect(stateOf(carol).votes.automatic).toEqual([{ proposalId: election.proposalId, dueAt: world.now + 7_000 }]);
    const emergency = await file(world, alice, emergencyOf(alice, { target: bob.memberId }));
    await world.run(0);
    expect(stateOf(carol).votes.automatic).toContainEqual({
      proposalId: emergency.proposalId,
      dueAt: world.now + 3_000,
    });
  });
});

describe('Reelection', () => {
  it('R-084 opens elections and emergencies, and nothing about members', async () => {
    const world = new World();
    const nodes = await world.group(NAMES.slice(0, 5), { stewardsMax: 1, maxReelectionAttempts: 0 });
    await world.run(30_000);
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const [leaver, ...rest] = nodes.filter((node) => node !== steward) as [Node, Node, Node, Node];
    world.delivery = (packet, to) =>
      packet.from === steward.name || to === steward.name || packet.payload[0] === 0x42 ? [] : [5];
    const joiner = world.node('Joiner');
    await world.input(leaver, { kind: 'leave' });
    const [observer, other] = rest;
    const known = new Set(observer.proposals.keys());
    const open = () => world.view(observer).openProposals.filter(({ kind }) => kind.endsWith('Member'));
    let tried = 0;
    for (let waited = 0; waited < 60_000; waited += 250) {
      await world.run(250);
      if (world.view(observer).phase !== 'reelection') continue;
      if (tried === 0) await world.join(joiner, world.invite(observer));
      tried += 1;
      const removal = { kind: 'removeMember', memberId: other.memberId } as const;
      await expect(world.input(observer, removal)).rejects.toMatchObject({
        code: 'ConversationBlocked',
        state: 'reelection',
      });
      const before = open();
      await world.run(1);
      if (world.view(observer).phase === 'reelection') expect(open()).toEqual(before);
    }
    expect(tried).toBeGreaterThan(3);
    const opened = [...observer.proposals.values()].filter(
      ({ proposalId, selfLeave }) => !known.has(proposalId) && selfLeave !== true,
    );
    expect(opened.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['emergency', 'stewardElection']));
    expect(opened.map(({ kind }) => kind)).not.toContain('removeMember');
  });
});

describe('a list that has run out', () => {
  it('W-14 R-246 lets nobody commit who is not on it, and whoever is on it still may', async () => {
    const world = new World();
    const nodes = await world.group(NAMES.slice(0, 5), { stewardsMax: 1 });
    await world.run(60_000);
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const [observer, stranger, first, second] = nodes.filter((node) => node !== steward) as [Node, Node, Node, Node];
    // Nothing travels but the commits of who is listed: votes on a new list get lost.
    world.delivery = ({ from, payload }) => (from === steward.name && payload[0] === 0x42 ? [5] : []);
    const leave = async (leaver: Node): Promise<void> => {
      await world.input(leaver, { kind: 'leave' });
      for (const node of [observer, stranger, steward]) await receive(world, node, leaver.sent.at(-1)!.payload);
    };
    await leave(first);
    await world.run(5_000);
    const view = world.view(observer);
    expect(has(world, observer, first.memberId)).toBe(false);
    expect(view.epoch - view.electionEpoch).toBeGreaterThanOrEqual(view.stewards.length);
    expect(view.stewards).toEqual([steward.memberId]);
    // Somebody else uses the moment.
    await leave(second);
    await receive(world, observer, await commitOf(world, stranger, [{ kind: 'remove', memberId: second.memberId }]));
    await world.run(1_000);
    expect(world.view(observer).counters).toMatchObject({ CommitterNotAuthorised: 1 });
    expect(world.view(observer)).toMatchObject({ phase: 'working', epoch: view.epoch });
    await world.run(120_000);
    expect(has(world, observer, second.memberId)).toBe(false);
    expect(observer.journal.findLast(({ kind }) => kind === 'committed')?.actor).toBe(steward.memberId);
  });
});
