/** Three people who decide by vote: removals, joins under strict rules, and a journal that answers who did what. */
import { describe, expect, it } from 'vitest';
import type { GovernanceEntry, Proposal, ProposalKind } from '../../shared/api/model.ts';
import type { ConversationId, MemberId, ProposalId } from '../../shared/model/ids.ts';
import { agree, askIn, chatGoesOn, errorOf, groupOf, hears, say, useHouse, type Person } from './support.ts';

const house = useHouse();

/** Waits until a person sees an open vote about somebody. */
async function asked(
  person: Person,
  kind: ProposalKind,
  target: MemberId,
  not: readonly ProposalId[] = [],
): Promise<Proposal> {
  const { proposal } = await person.node.waitForEvent(
    'proposal.opened',
    (event) =>
      event.proposal.kind === kind && event.proposal.target === target && !not.includes(event.proposal.proposalId),
  );
  return proposal;
}

const vote = (
  person: Person,
  conversationId: ConversationId,
  proposalId: ProposalId,
  approve: boolean,
): Promise<object> => person.node.call('proposal.vote', { conversationId, proposalId, approve });

async function decided(person: Person, proposalId: ProposalId): Promise<Proposal> {
  const event = await person.node.waitForEvent(
    'proposal.decided',
    ({ proposal }) => proposal.proposalId === proposalId,
  );
  return event.proposal;
}

async function journal(person: Person, conversationId: ConversationId): Promise<GovernanceEntry[]> {
  const all: GovernanceEntry[] = [];
  for (let before: number | undefined; ;) {
    const page = await person.node.call('governance.log', {
      conversationId,
      limit: 10,
      ...(before === undefined ? {} : { before }),
    });
    all.push(...page.entries);
    before = page.next;
    if (before === undefined) return all;
  }
}

/** Checks that a journal answers, for a change of membership, who proposed it, who voted how, and who committed it. */
function expectAnswered(
  entries: readonly GovernanceEntry[],
  proposalId: ProposalId,
  stewards: readonly MemberId[],
): void {
  const about = entries.filter((entry) => entry.proposalId === proposalId);
  const proposed = about.find((entry) => entry.kind === 'proposed');
  const outcome = about.find((entry) => entry.kind === 'decided');
  const change = about.find((entry) => entry.kind === 'joined' || entry.kind === 'left');
  expect(proposed?.actor).toBeDefined();
  expect(outcome).toMatchObject({ outcome: 'accepted' });
  expect(outcome?.votes?.length).toBeGreaterThan(0);
  for (const cast of outcome?.votes ?? [])
    expect(about).toContainEqual(
      expect.objectContaining({ kind: 'voted', actor: cast.memberId, approve: cast.approve }),
    );
  expect(change).toMatchObject({ proposer: proposed?.actor, target: proposed?.target });
  expect(stewards).toContain(change?.actor);
  expect(entries).toContainEqual(
    expect.objectContaining({ kind: 'committed', epoch: change?.epoch, actor: change?.actor }),
  );
}

describe('three people', () => {
  it("remove one by vote: who is removed sees it, loses the group, and is let in again only by people's votes", async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const conversationId = await groupOf([ana, bo, cy]);
    await chatGoesOn([ana, bo, cy], conversationId, 'together');

    const { proposalId } = await ana.node.call('member.remove', {
      conversationId,
      memberId: cy.memberId,
      reason: 'sings too loud',
    });
    if (proposalId === undefined) throw new Error('no vote was opened');
    const again = ana.node.call('member.remove', { conversationId, memberId: cy.memberId });
    expect((await errorOf(again)).code).toBe('ALREADY_EXISTS');
    const [atBo, atCy] = await Promise.all([
      asked(bo, 'removeMember', cy.memberId),
      asked(cy, 'removeMember', cy.memberId),
    ]);
    for (const seen of [atBo, atCy])
      expect(seen).toMatchObject({
        proposalId,
        reason: 'sings too loud',
        proposer: ana.memberId,
        proposerName: 'Ana',
        targetName: 'Cy',
        outcome: 'open',
      });
    expect(atBo).not.toHaveProperty('ownVote');
    await vote(bo, conversationId, proposalId, true);
    const outcome = await decided(ana, proposalId);
    expect(outcome.outcome).toBe('accepted');
    await cy.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    const [view] = await agree([ana, bo], conversationId);
    const ended = await cy.node.call('conversation.get', { conversationId });
    expect(ended).toMatchObject({ state: 'left', ended: { cause: 'removed', proposal: { proposalId } } });
    expect((await errorOf(say(cy, conversationId, 'still here?'))).data).toEqual({
      code: 'WRONG_STATE',
      state: 'left',
    });
    await say(ana, conversationId, 'after the vote');
    await hears(bo, 'after the vote');
    for (const reader of [ana, bo])
      expectAnswered(await journal(reader, conversationId), proposalId, view?.stewards ?? []);

    // A fresh and valid link is no yes for whom the group voted out.
    const old = [...earlier(ana, cy), ...earlier(bo, cy)];
    await askIn(ana, cy, conversationId);
    const fresh = await asked(ana, 'addMember', cy.memberId, old);
    const same = await asked(bo, 'addMember', cy.memberId, old);
    expect(same.proposalId).toBe(fresh.proposalId);
    for (const question of [fresh, same]) {
      expect(question.votes).toEqual([]);
      expect(question).not.toHaveProperty('ownVote');
    }
    expect((await cy.node.call('conversation.get', { conversationId })).state).toBe('pendingJoin');
    await vote(ana, conversationId, fresh.proposalId, true);
    await vote(bo, conversationId, fresh.proposalId, true);
    await agree([ana, bo, cy], conversationId);
    await chatGoesOn([ana, bo, cy], conversationId, 'together again');
  });

  it('reject a removal: everybody stays, and the journal says who wanted it', async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const conversationId = await groupOf([ana, bo, cy]);
    const before = await agree([ana, bo, cy], conversationId);
    const { proposalId } = await bo.node.call('member.remove', { conversationId, memberId: ana.memberId });
    if (proposalId === undefined) throw new Error('no vote was opened');
    await asked(ana, 'removeMember', ana.memberId);
    await asked(cy, 'removeMember', ana.memberId);
    await vote(cy, conversationId, proposalId, false);
    await vote(ana, conversationId, proposalId, false);
    for (const person of [ana, bo, cy]) {
      const outcome = await decided(person, proposalId);
      expect(outcome.outcome).toBe('rejected');
      expect(outcome.votes).toContainEqual(expect.objectContaining({ memberId: bo.memberId, approve: true }));
    }
    const after = await agree([ana, bo, cy], conversationId);
    expect(after.map(({ epoch, epochAuthenticator }) => [epoch, epochAuthenticator])).toEqual(
      before.map(({ epoch, epochAuthenticator }) => [epoch, epochAuthenticator]),
    );
    const { open: stillOpen, recent } = await cy.node.call('proposal.list', { conversationId });
    expect(stillOpen).toEqual([]);
    expect(recent[0]).toMatchObject({ proposalId, outcome: 'rejected', ownVote: false });
    expect(await journal(cy, conversationId)).toContainEqual(
      expect.objectContaining({ kind: 'proposed', proposalId, actor: bo.memberId, target: ana.memberId }),
    );
    await chatGoesOn([ana, bo, cy], conversationId, 'no hard feelings');
  });

  it('decide by the end of the window: silence is no for a removal', async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const rules = { consensusTimeoutMs: 1_000, proposalExpirationMs: 60_000 };
    const conversationId = await groupOf([ana, bo, cy], rules);
    const { proposalId } = await ana.node.call('member.remove', { conversationId, memberId: cy.memberId });
    if (proposalId === undefined) throw new Error('no vote was opened');
    for (const person of [ana, bo, cy]) expect((await decided(person, proposalId)).outcome).not.toBe('accepted');
    expect((await agree([ana, bo, cy], conversationId))[0]?.members).toHaveLength(3);
  });

  it('vote on a join where members may not invite; the journal answers for every change of members', async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const { conversationId } = await ana.node.call('conversation.create', {
      name: 'Strict',
      settings: { commitInactivityMs: 200, freezeMs: 400, membersMayInvite: false, livenessCriteriaYes: false },
    });
    const ids: ProposalId[] = [];
    const members = [ana];
    for (const joiner of [bo, cy]) {
      await askIn(ana, joiner, conversationId);
      const seen = await Promise.all(members.map((member) => asked(member, 'addMember', joiner.memberId)));
      for (const [index, proposal] of seen.entries()) {
        expect(proposal).not.toHaveProperty('ownVote');
        expect(proposal.targetName).toBe(joiner.name);
        const member = members[index];
        if (member !== undefined) await vote(member, conversationId, proposal.proposalId, true);
        ids.push(...(index === 0 ? [proposal.proposalId] : []));
      }
      members.push(joiner);
      await agree(members, conversationId);
    }
    await chatGoesOn([ana, bo, cy], conversationId, 'strictly');
    await cy.node.call('conversation.leave', { conversationId });
    await cy.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    const [view] = await agree([ana, bo], conversationId);
    const entries = await journal(ana, conversationId);
    for (const proposalId of ids) expectAnswered(entries, proposalId, [ana.memberId]);
    const farewell = entries.find((entry) => entry.kind === 'left' && entry.target === cy.memberId);
    expect(farewell).toMatchObject({ proposer: cy.memberId, rule: 'selfLeave' });
    expect(view?.stewards).toContain(farewell?.actor);
    const joined = entries.find((entry) => entry.kind === 'joined' && entry.target === cy.memberId);
    expect(joined).toMatchObject({ targetName: 'Cy', actorName: 'Ana', rule: 'votes' });
  });
});

/** Votes on letting somebody in that a person saw before. */
function earlier(person: Person, target: Person): ProposalId[] {
  return person.node.events.flatMap((event) =>
    event.type === 'proposal.decided' &&
    event.proposal.kind === 'addMember' &&
    event.proposal.target === target.memberId
      ? [event.proposal.proposalId]
      : [],
  );
}
