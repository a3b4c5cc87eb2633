/** Members who keep the group from acting: votes that nobody called for, one after the other, and what they may not hold up. */
import { describe, expect, it } from 'vitest';
import { nextList } from '../../../../main/protocol/conversation/elections.ts';
import { MAX_MEMBERS } from '../../../../shared/limits.ts';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { admitJoin } from '../../../../main/protocol/conversation/admission.ts';
import { plugins, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { receiveProposal } from '../../../../main/protocol/conversation/proposals.ts';
import { electionRequest, removalRequest } from '../../../../main/protocol/conversation/requests.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
import { emergencyOf, file } from '../support/governance.ts';
import { has } from '../support/hostile.ts';
import { World, type Node } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve'];

async function castOf(settings = {}) {
  const world = new World();
  const nodes = await world.group(NAMES, settings);
  await world.run(60_000);
  const { stewards } = world.view(nodes[0]!);
  const [mallory, leaver, ...rest] = [...nodes].sort(
    (a, b) => Number(stewards.includes(a.memberId)) - Number(stewards.includes(b.memberId)),
  ) as [Node, Node, ...Node[]];
  return { world, mallory, leaver, rest };
}

describe('elections that nothing called for', () => {
  for (const [kind, isRight] of [
    ['of a list that nobody computes', false],
    ['of the right list', true],
  ] as const) {
    it(`R-074 ${kind}, opened one after the other, hold up no commit and use up no attempt`, async () => {
      const { world, mallory, leaver, rest } = await castOf({ electionVotingDelayMs: 4_000, stewardsMax: 3 });
      const payload = () =>
        electionRequest({
          ...nextList(draftOf(world, mallory)),
          ...(isRight ? {} : { stewards: [mallory.memberId] }),
        });
      await file(world, mallory, payload());
      await world.input(leaver, { kind: 'leave' });
      for (let waited = 0; waited < 40_000 && has(world, rest[0]!, leaver.memberId); waited += 2_000) {
        await file(world, mallory, payload());
        await world.run(2_000);
        for (const node of rest) expect(stateOf(node).stewardList.retryCounter).toBe(0);
      }
      for (const node of rest) expect(has(world, node, leaver.memberId)).toBe(false);
    });
  }
});

describe('a deadlock that nobody else sees', () => {
  it('H-5 H-9 is refused at once although a change waits, and its creator pays for it', async () => {
    const { world, mallory, leaver, rest } = await castOf({ commitInactivityMs: 20_000 });
    const scores = () =>
      rest.map((node) => world.view(node).members.find(({ memberId }) => memberId === mallory.memberId)!.score);
    const before = scores();
    await world.input(leaver, { kind: 'leave' });
    await world.run(100);
    const { proposalId } = await file(world, mallory, emergencyOf(mallory, { violation: 'DEADLOCK' }));
    await world.run(2_000);
    for (const node of rest) {
      expect(world.view(node).approvedProposals).toMatchObject([{ target: leaver.memberId }]);
      expect(node.proposals.get(proposalId as never)).toMatchObject({ outcome: 'rejected' });
    }
    expect(scores()).toEqual(before.map((score) => score - 50));
  });
});

describe('the id of a vote that is over', () => {
  it('H-1 opens no other vote, whose outcome some would take for a repetition and others not', async () => {
    const { world, mallory, leaver, rest } = await castOf();
    const draft = draftOf(world, rest[0]!);
    const origin = { sender: mallory.memberId, epoch: draft.state.group.epoch };
    const value = await file(world, mallory, removalRequest(leaver.memberId, ''));
    const sessions = () => plugins(draft).consensus.sessions().length;
    const before = sessions();
    // Decided once; whoever joined since knows nothing of it.
    const { queues } = draft.state;
    draft.state.queues = { ...queues, resolved: [...queues.resolved, value.proposalId as ProposalId] };
    await receiveProposal(draft, value, origin);
    expect(sessions()).toBe(before);
    expect(draft.state.volatile.counters).toMatchObject({ ProposalIdUsed: 1 });
    draft.state.queues = queues;
    await receiveProposal(draft, value, origin);
    expect(sessions()).toBe(before + 1);
  });
});

describe('a join for which no place is left', () => {
  it('H-41 is not approved work: it would keep a full group from every other change', async () => {
    const { world, rest } = await castOf();
    const base = draftOf(world, rest[0]!);
    const joiner = world.node('Frank');
    const { keyPackage } = await joiner.mls.generateKeyPackage(world.now);
    const [some] = base.context.mls.members(base.state.group);
    const fullOf = (count: number): Draft => ({
      ...base,
      context: {
        ...base.context,
        mls: { ...base.context.mls, members: () => Array.from({ length: count }, () => some!) },
      },
    });
    const request = { keyPackage, mac: new Uint8Array() };
    expect(await admitJoin(fullOf(MAX_MEMBERS), request)).toEqual({ kind: 'refused', reason: 'GroupFull' });
    expect(await admitJoin(fullOf(MAX_MEMBERS - 1), request)).toMatchObject({ kind: 'admissible' });
  });
});
