/** Part of the suite of ConsensusPlugin: votes, decisions, deadlines, what is kept (§10.4 to §10.8, H-2, H-3). */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Vote } from '../../main/protocol/wire/index.ts';
import type { ProposalId } from '../../shared/model/ids.ts';
import { START, WINDOW, GRACE, EXPIRY_SECONDS, QUICK_SCHEME, signerOf, randomOf, code } from './consensusWorld.ts';
import type { ConsensusWorld } from './consensusWorld.ts';

export function consensusVotingCompliance(world: ConsensusWorld): void {
  const { nodeOf, group, rosterOf, contextOf, at, open, shared, votesOf, outcomes, create } = world;

  describe('votes', () => {
    it('R-105 R-106 a vote is chained behind the last vote that its voter knew', () => {
      const nodes = group(4);
      const id = shared(nodes);
      const first = at(nodes, 0).plugin.castVote(id, true, START).vote;
      at(nodes, 1).plugin.processVote(first, contextOf(at(nodes, 0), nodes));
      const second = at(nodes, 1).plugin.castVote(id, false, START).vote;
      expect([first.parentHash.length, first.receivedHash.length]).toEqual([0, 0]);
      expect(second.receivedHash).toEqual(first.voteHash);
      expect(second.parentHash.length).toBe(0);
    });

    it('R-115 voting twice is UserAlreadyVoted at home and DuplicateVote abroad; changing sides is recorded', () => {
      const nodes = group(4);
      const id = shared(nodes);
      const { plugin } = at(nodes, 0);
      const unvoted = plugin.session(id)?.proposal ?? expect.fail();
      const { vote } = at(nodes, 1).plugin.castVote(id, true, START);
      expect(() => at(nodes, 1).plugin.castVote(id, false, START)).toThrow(code('UserAlreadyVoted'));
      plugin.processVote(vote, contextOf(at(nodes, 1), nodes));
      expect(() => plugin.processVote(vote, contextOf(at(nodes, 1), nodes))).toThrow(code('DuplicateVote'));
      expect(plugin.snapshot().equivocations).toEqual([]);
      const twin = create({ signer: signerOf(at(nodes, 1).memberId), random: randomOf('twin'), scheme: QUICK_SCHEME });
      twin.processProposal(unvoted, contextOf(at(nodes, 0), nodes));
      const changed = twin.castVote(id, false, START).vote;
      expect(() => plugin.processVote(changed, contextOf(at(nodes, 1), nodes))).toThrow(code('DuplicateVote'));
      expect(plugin.snapshot().equivocations).toMatchObject([{ kind: 'vote', memberId: at(nodes, 1).memberId }]);
    });

    it('R-117 an unknown proposal is SessionNotFound for every operation', () => {
      const nodes = group(3);
      const { plugin } = at(nodes, 0);
      const unknown = 7 as ProposalId;
      expect(() => plugin.castVote(unknown, true, START)).toThrow(code('SessionNotFound'));
      expect(() => plugin.handleTimeout(unknown, START)).toThrow(code('SessionNotFound'));
      expect(() => plugin.result(unknown)).toThrow(code('SessionNotFound'));
      const { vote } = at(nodes, 1).plugin.castVote(open(at(nodes, 1), nodes).proposalId, true, START);
      expect(() => plugin.processVote(vote, contextOf(at(nodes, 1), nodes))).toThrow(code('SessionNotFound'));
      expect(plugin.session(unknown)).toBeUndefined();
    });

    it('R-118 ten voters succeed, one voter that races itself succeeds once', () => {
      const nodes = group(10);
      const id = shared(nodes);
      const { plugin } = at(nodes, 0);
      for (const { from, vote } of votesOf(
        nodes,
        id,
        Array.from({ length: 6 }, () => true),
      ).slice(1)) {
        plugin.processVote(vote, contextOf(from, nodes));
      }
      expect(plugin.session(id)?.votes.length).toBe(6);
      expect(plugin.session(id)?.proposal.round).toBe(2);
    });

    it('R-111 voting on an expired proposal fails, as does receiving one', () => {
      const nodes = group(3);
      const { proposal, proposalId } = open(at(nodes, 0), nodes);
      const late = START + EXPIRY_SECONDS * 1000;
      expect(() => at(nodes, 0).plugin.castVote(proposalId, true, late)).toThrow(code('ProposalExpired'));
      expect(() => at(nodes, 1).plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes, late))).toThrow(
        code('ProposalExpired'),
      );
    });

    it('H-3 a vote cast after the voting window is refused at home and abroad', () => {
      const nodes = group(3);
      const id = shared(nodes);
      const patient = create({ signer: signerOf(at(nodes, 1).memberId), random: randomOf('p'), scheme: QUICK_SCHEME });
      patient.processProposal(at(nodes, 0).plugin.session(id)?.proposal ?? expect.fail(), {
        ...contextOf(at(nodes, 0), nodes),
        window: 'untilExpiration',
      });
      expect(() => at(nodes, 1).plugin.castVote(id, true, START + WINDOW + 1000)).toThrow(code('VoteExpired'));
      const { vote } = patient.castVote(id, true, START + WINDOW + 1000);
      expect(() =>
        at(nodes, 2).plugin.processVote(vote, contextOf(at(nodes, 1), nodes, START + WINDOW + 1000)),
      ).toThrow(code('VoteExpired'));
      expect(at(nodes, 1).plugin.castVote(id, true, START + WINDOW).recorded).toBe(true);
    });

    it('a voter whose clock is behind the proposer still casts a vote that is not older than the proposal', () => {
      const nodes = group(3);
      const { proposal, proposalId } = open(at(nodes, 0), nodes);
      at(nodes, 1).plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes, START - 60_000));
      const { vote } = at(nodes, 1).plugin.castVote(proposalId, true, START - 60_000);
      expect(vote.timestamp).toBe(proposal.timestamp);
      expect(() => at(nodes, 0).plugin.processVote(vote, contextOf(at(nodes, 1), nodes))).not.toThrow();
    });

    it.each([
      ['EmptyVoteOwner', (vote: Vote) => ({ ...vote, voteOwner: new Uint8Array() })],
      ['EmptyVoteHash', (vote: Vote) => ({ ...vote, voteHash: new Uint8Array() })],
      ['EmptySignature', (vote: Vote) => ({ ...vote, signature: new Uint8Array() })],
      ['InvalidVoteHash', (vote: Vote) => ({ ...vote, vote: !vote.vote })],
      ['InvalidVoteSignature', (vote: Vote) => ({ ...vote, signature: new Uint8Array(32) })],
      ['SignatureScheme', (vote: Vote) => ({ ...vote, signature: new Uint8Array(5) })],
    ])('R-108 R-109 a damaged vote is %s and changes nothing', (expected, damage) => {
      const nodes = group(3);
      const id = shared(nodes);
      const { vote } = at(nodes, 1).plugin.castVote(id, true, START);
      const { plugin } = at(nodes, 0);
      const before = plugin.snapshot();
      expect(() => plugin.processVote(damage(vote), contextOf(at(nodes, 1), nodes))).toThrow(code(expected));
      expect(plugin.snapshot()).toBe(before);
    });
  });

  describe('decisions', () => {
    it('R-137 one voter decides alone; of two one NO rejects at once and both YES accept', () => {
      const alone = group(1);
      expect(open(at(alone, 0), alone, { ownVote: true }).state).toMatchObject({ kind: 'reached', result: true });
      for (const [choice, expected] of [
        [true, true],
        [false, false],
      ] as const) {
        const nodes = group(2);
        const session = open(at(nodes, 0), nodes, { ownVote: true });
        const { plugin } = at(nodes, 1);
        plugin.processProposal(session.proposal, contextOf(at(nodes, 0), nodes));
        plugin.castVote(session.proposalId, choice, START);
        expect(plugin.result(session.proposalId)).toBe(expected);
      }
    });

    it('R-142 R-151 W-4 the same votes in any order give the same decision at every node, and no early contradiction', () => {
      const choices = fc.array(fc.boolean(), { minLength: 3, maxLength: 7 });
      fc.assert(
        fc.property(choices, fc.boolean(), fc.infiniteStream(fc.nat()), (votes, liveness, stream) => {
          const nodes = group(votes.length);
          const id = shared(nodes, liveness);
          const cast = votesOf(nodes, id, votes);
          const decided = nodes.map((node) => {
            const others = cast.filter(({ from }) => from !== node);
            const keys = new Map(others.map((each) => [each, stream.next().value]));
            const order = [...others].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
            for (const { from, vote } of order) node.plugin.processVote(vote, contextOf(from, nodes, START + 2000));
            return node.plugin.result(id);
          });
          expect(new Set(decided).size).toBe(1);
        }),
        { numRuns: 40 },
      );
    });

    it('R-158 R-151 W-3 every node resolves a silent vote at the deadline with the same outcome', () => {
      for (const liveness of [true, false]) {
        const nodes = group(4);
        const id = shared(nodes, liveness);
        const cast = votesOf(nodes, id, [true, true]);
        for (const node of nodes) {
          for (const { from, vote } of cast.filter((each) => each.from !== node)) {
            node.plugin.processVote(vote, contextOf(from, nodes, START + 1500));
          }
          expect(node.plugin.nextTimeoutAt()).toBe(START + WINDOW + GRACE);
          expect(node.plugin.dueTimeouts(START + WINDOW + GRACE - 1)).toEqual([]);
          expect(node.plugin.handleTimeout(id, START + WINDOW + GRACE - 1).state).toEqual({ kind: 'active' });
          expect(node.plugin.dueTimeouts(START + WINDOW + GRACE)).toEqual([id]);
          expect(node.plugin.handleTimeout(id, START + WINDOW + GRACE).state).toEqual({
            kind: 'reached',
            result: liveness,
            by: 'timeout',
          });
          expect(outcomes(node.plugin)).toEqual([liveness]);
          expect(node.plugin.nextTimeoutAt()).toBeUndefined();
        }
      }
    });

    it('H-3 the deadline never lies after the expiry of the proposal', () => {
      const nodes = group(3);
      const { plugin } = at(nodes, 0);
      plugin.openProposal({
        payload: new Uint8Array(),
        expirySeconds: 31,
        livenessCriteriaYes: false,
        window: { timeoutMs: WINDOW },
        roster: rosterOf(nodes),
        epoch: 1n,
        now: START,
      });
      expect(plugin.nextTimeoutAt()).toBe(START + 31_000);
    });

    it('R-147 R-150 a decided session repeats its outcome and stays as it is', () => {
      const nodes = group(3);
      const id = shared(nodes);
      const { plugin } = at(nodes, 0);
      const [, second, third] = votesOf(nodes, id, [true, true, false]);
      plugin.processVote(second?.vote ?? expect.fail(), contextOf(at(nodes, 1), nodes));
      const decided = plugin.session(id);
      plugin.processVote(third?.vote ?? expect.fail(), contextOf(at(nodes, 2), nodes));
      plugin.handleTimeout(id, START);
      plugin.handleTimeout(id, START + 10 * WINDOW);
      expect(plugin.session(id)).toBe(decided);
      expect(outcomes(plugin)).toEqual([true, true, true, true]);
      expect(plugin.reachedProposals()).toEqual([{ proposalId: id, result: true }]);
    });

    it('R-139 fewer votes than needed leave a session open, without an event', () => {
      const nodes = group(4);
      const id = shared(nodes);
      at(nodes, 0).plugin.castVote(id, true, START);
      expect(() => at(nodes, 0).plugin.result(id)).toThrow(code('ConsensusNotReached'));
      expect(at(nodes, 0).plugin.drainEvents()).toEqual([]);
    });

    it('a vote cast on a decided session is made, but changes nothing', () => {
      const nodes = group(3);
      const id = shared(nodes);
      for (const { from, vote } of votesOf(nodes.slice(0, 2), id, [true, true])) {
        at(nodes, 2).plugin.processVote(vote, contextOf(from, nodes));
      }
      const cast = at(nodes, 2).plugin.castVote(id, false, START);
      expect(cast.recorded).toBe(false);
      expect(cast.session.votes.length).toBe(2);
      expect(at(nodes, 2).plugin.result(id)).toBe(true);
    });
  });

  describe('rounds of the p2p kind', () => {
    it('R-131 R-148 each vote is a round; a fifth vote of five fails the session for good', () => {
      const scope = {
        networkType: 'p2p',
        threshold: 0.8,
        timeoutMs: WINDOW,
        livenessCriteriaYes: true,
        maxRounds: 4,
      } as const;
      const nodes = group(5);
      for (const { plugin } of nodes) plugin.setScopeConfig(scope);
      const id = shared(nodes);
      const { plugin } = at(nodes, 0);
      const cast = votesOf(nodes, id, [true, true, false, false, true]);
      const rounds = cast.slice(1, 4).map(({ from, vote }) => {
        return plugin.processVote(vote, contextOf(from, nodes)).proposal.round;
      });
      expect(rounds).toEqual([3, 4, 5]);
      const last = cast[4] ?? expect.fail();
      expect(() => plugin.processVote(last.vote, contextOf(last.from, nodes))).toThrow(code('MaxRoundsExceeded'));
      expect(() => plugin.result(id)).toThrow(code('ConsensusFailed'));
      expect(outcomes(plugin)).toEqual(['failed']);
      for (const _again of [1, 2]) {
        expect(() => plugin.handleTimeout(id, START)).toThrow(code('InsufficientVotesAtTimeout'));
      }
      expect(outcomes(plugin)).toEqual(['failed', 'failed']);
      expect(() => plugin.processVote(last.vote, contextOf(last.from, nodes))).toThrow(code('SessionNotActive'));
      expect(plugin.statistics()).toEqual({ total: 1, active: 0, failed: 1, reached: 0 });
    });
  });

  describe('scope', () => {
    it('R-153 R-154 an unknown scope is empty; a reset one too, and usable again', () => {
      const nodes = group(3);
      const { plugin } = at(nodes, 0);
      expect(plugin.statistics()).toEqual({ total: 0, active: 0, failed: 0, reached: 0 });
      expect(plugin.reachedProposals()).toEqual([]);
      const initial = plugin.scopeConfig();
      plugin.setScopeConfig({ ...initial, threshold: 0.9 });
      open(at(nodes, 0), nodes);
      plugin.reset();
      plugin.reset();
      expect(plugin.sessions()).toEqual([]);
      expect(plugin.scopeConfig()).toEqual(initial);
      expect(() => open(at(nodes, 0), nodes)).not.toThrow();
    });

    it('R-154 R-057 two conversations share nothing', () => {
      const nodes = group(3);
      open(at(nodes, 0), nodes);
      expect(at(nodes, 1).plugin.sessions()).toEqual([]);
    });

    it('R-155 a scope starts as gossipsub with two thirds, and an update replaces all of it', () => {
      const { plugin } = nodeOf(1);
      expect(plugin.scopeConfig()).toEqual({
        networkType: 'gossipsub',
        threshold: 2 / 3,
        timeoutMs: 60_000,
        livenessCriteriaYes: true,
      });
      const next = {
        networkType: 'p2p',
        threshold: 0.5,
        timeoutMs: 1,
        livenessCriteriaYes: false,
        maxRounds: 0,
      } as const;
      plugin.setScopeConfig(next);
      expect(plugin.scopeConfig()).toEqual(next);
      expect(() => plugin.setScopeConfig({ ...next, threshold: 1.1 })).toThrow(code('InvalidConsensusThreshold'));
      expect(() => plugin.setScopeConfig({ ...next, timeoutMs: 0 })).toThrow(code('InvalidTimeout'));
      expect(() => plugin.setScopeConfig({ ...next, networkType: 'gossipsub' })).toThrow(code('InvalidMaxRounds'));
      expect(plugin.scopeConfig()).toEqual(next);
    });
  });

  describe('snapshot', () => {
    it('R-308 is the same reference until something changes, and carries everything over', () => {
      const nodes = group(3);
      const { plugin, memberId } = at(nodes, 0);
      const id = shared(nodes);
      const before = plugin.snapshot();
      expect(plugin.snapshot()).toBe(before);
      plugin.castVote(id, true, START);
      const after = plugin.snapshot();
      expect(after).not.toBe(before);
      expect(before.sessions[0]?.votes).toEqual([]);

      const restored = create({ signer: signerOf(memberId), random: randomOf('again'), scheme: QUICK_SCHEME }, after);
      expect(restored.snapshot()).toBe(after);
      expect(restored.nextTimeoutAt()).toBe(plugin.nextTimeoutAt());
      expect(() => restored.castVote(id, true, START)).toThrow(code('UserAlreadyVoted'));
      const { vote } = at(nodes, 1).plugin.castVote(id, true, START);
      restored.processVote(vote, contextOf(at(nodes, 1), nodes));
      expect(restored.result(id)).toBe(true);
      expect(plugin.session(id)?.state).toEqual({ kind: 'active' });
    });
  });
}
