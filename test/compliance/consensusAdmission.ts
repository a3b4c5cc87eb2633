/** Part of the suite of ConsensusPlugin: who may open a session, and how many there are (§10.3, §10.9, H-1, H-18, H-20, H-22). */
import { describe, expect, it } from 'vitest';
import { selfLeaveId } from '../../main/protocol/consensus/identifiers.ts';
import { memberIdToBytes } from '../../main/protocol/identity/index.ts';
import { encodeConversationUpdateRequest } from '../../main/protocol/wire/index.ts';
import type { Proposal } from '../../main/protocol/wire/index.ts';
import { filled } from '../main/protocol/vectors.ts';
import { EXPIRY_SECONDS, GRACE, QUICK_SCHEME, START, WINDOW, code, randomOf, signerOf } from './consensusWorld.ts';
import type { ConsensusWorld, Node } from './consensusWorld.ts';

export function consensusAdmissionCompliance(world: ConsensusWorld): void {
  const { nodeOf, group, rosterOf, contextOf, at, open, shared, resign, create } = world;

  describe('opening', () => {
    it('R-100 a proposal starts at round 1 without votes, with an absolute expiry', () => {
      const nodes = group(3);
      const { proposal } = open(at(nodes, 0), nodes);
      expect(proposal).toMatchObject({ round: 1, votes: [], expectedVotersCount: 3, timestamp: BigInt(START / 1000) });
      expect(proposal.expirationTimestamp - proposal.timestamp).toBe(600n);
      expect(proposal.name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    });

    it('R-101 an empty roster, a zero or too long expiry, an impossible window are refused', () => {
      const nodes = group(2);
      const request = {
        payload: new Uint8Array(),
        expirySeconds: 600,
        livenessCriteriaYes: true,
        window: { timeoutMs: WINDOW },
        roster: rosterOf(nodes),
        epoch: 1n,
        now: START,
      };
      const { plugin } = at(nodes, 0);
      expect(() => plugin.openProposal({ ...request, roster: [] })).toThrow(code('InvalidExpectedVotersCount'));
      expect(() => plugin.openProposal({ ...request, expirySeconds: 0.9 })).toThrow(code('InvalidTimeout'));
      expect(() => plugin.openProposal({ ...request, expirySeconds: 86_401 })).toThrow(code('InvalidTimeout'));
      expect(() => plugin.openProposal({ ...request, window: { timeoutMs: 0 } })).toThrow(code('InvalidTimeout'));
      expect(() => plugin.openProposal({ ...request, roster: [filled(9)] })).toThrow(code('NotAMember'));
      expect(plugin.sessions()).toEqual([]);
    });

    it('R-107 R-130 a bundled vote brings the round to 2 and is accepted by everybody', () => {
      const nodes = group(4);
      const session = open(at(nodes, 0), nodes, { ownVote: true });
      expect(session.proposal.round).toBe(2);
      const seen = at(nodes, 1).plugin.processProposal(session.proposal, contextOf(at(nodes, 0), nodes));
      expect(seen.votes.map((vote) => [vote.owner, vote.vote.vote])).toEqual([[at(nodes, 0).memberId, true]]);
      expect(seen.state).toEqual({ kind: 'active' });
    });

    it('R-116 a known proposal is refused as such, and its session stays', () => {
      const nodes = group(3);
      const { proposal } = open(at(nodes, 0), nodes);
      const { plugin } = at(nodes, 1);
      const first = plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes));
      expect(() => plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes))).toThrow(
        code('ProposalAlreadyExist'),
      );
      expect(plugin.session(first.proposalId)).toBe(first);
    });

    it('R-119 many proposals at once are all kept', () => {
      const nodes = group(3);
      const ids = Array.from({ length: 20 }, () => open(at(nodes, 0), nodes).proposalId);
      expect(new Set(ids).size).toBe(20);
      expect(at(nodes, 0).plugin.statistics()).toEqual({ total: 20, active: 20, failed: 0, reached: 0 });
    });
  });

  describe('roster checks', () => {
    it('R-122 a proposal of somebody else, or of no member, is dropped', () => {
      const nodes = group(3);
      const { proposal } = open(at(nodes, 0), nodes);
      const { plugin } = at(nodes, 2);
      expect(() => plugin.processProposal(proposal, contextOf(at(nodes, 1), nodes))).toThrow(code('OwnerNotSender'));
      expect(() => plugin.processProposal(proposal, contextOf(nodeOf(9), nodes))).toThrow(code('NotAMember'));
      expect(plugin.sessions()).toEqual([]);
    });

    it("R-122 a proposal with a stranger's vote inside, or with two votes, is dropped", () => {
      const nodes = group(3);
      const { proposal } = open(at(nodes, 0), nodes, { ownVote: true });
      const own = proposal.votes[0] ?? expect.fail('no vote');
      const { plugin } = at(nodes, 2);
      for (const votes of [[resign(own, at(nodes, 1).memberId)], [own, own]]) {
        expect(() => plugin.processProposal({ ...proposal, votes }, contextOf(at(nodes, 0), nodes))).toThrow(
          code('ForeignEmbeddedVote'),
        );
      }
    });

    it.each([0, 1, 2, 4, 0xffffffff])(
      'R-123 W-2 a claim of %i voters in a group of three is dropped',
      (expectedVotersCount) => {
        const nodes = group(3);
        const { proposal } = open(at(nodes, 0), nodes);
        const claimed = { ...proposal, expectedVotersCount };
        expect(() => at(nodes, 1).plugin.processProposal(claimed, contextOf(at(nodes, 0), nodes))).toThrow(
          code('ExpectedVotersMismatch'),
        );
      },
    );

    it('R-121 R-124 W-1 a vote of another owner, of a stranger or of a later joiner is dropped and decides nothing', () => {
      const nodes = group(3);
      const id = shared(nodes);
      const { vote } = at(nodes, 1).plugin.castVote(id, true, START + 1000);
      const { plugin } = at(nodes, 2);
      const later = nodeOf(9);
      const stranger = resign(vote, later.memberId);
      expect(() => plugin.processVote(vote, contextOf(at(nodes, 0), nodes))).toThrow(code('OwnerNotSender'));
      expect(() => plugin.processVote(stranger, contextOf(later, nodes))).toThrow(code('NotAMember'));
      // In the roster of the epoch in which the vote arrived, but not when the vote began.
      expect(() => plugin.processVote(stranger, contextOf(later, [...nodes, later]))).toThrow(code('NotAMember'));
      expect(plugin.session(id)?.votes).toEqual([]);
      expect(plugin.drainEvents()).toEqual([]);
    });

    it('R-125 a second payload under one id is dropped and its sender recorded', () => {
      const nodes = group(3);
      const { proposal, proposalId } = open(at(nodes, 0), nodes);
      const { plugin } = at(nodes, 1);
      plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes));
      const other = { ...proposal, payload: Uint8Array.of(9) };
      expect(() => plugin.processProposal(other, contextOf(at(nodes, 0), nodes))).toThrow(code('EquivocatingProposal'));
      const equivocation = { kind: 'proposal', memberId: at(nodes, 0).memberId, proposalId, atMs: START };
      expect(plugin.drainEvents()).toEqual([{ kind: 'equivocation', equivocation }]);
      expect(plugin.snapshot().equivocations).toEqual([equivocation]);
      expect(plugin.session(proposalId)?.proposal.payload).toEqual(proposal.payload);
    });

    it('R-125 W-29 a vote for one payload never counts for another payload under the same id', () => {
      const nodes = group(3);
      const { proposal, proposalId } = open(at(nodes, 0), nodes);
      const split = { ...proposal, payload: Uint8Array.of(9) };
      at(nodes, 1).plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes));
      at(nodes, 2).plugin.processProposal(split, contextOf(at(nodes, 0), nodes));
      const { vote } = at(nodes, 1).plugin.castVote(proposalId, true, START + 1000);
      expect(() => at(nodes, 2).plugin.processVote(vote, contextOf(at(nodes, 1), nodes))).toThrow(
        code('VoteOfAnotherProposal'),
      );
    });

    it('R-127 W-29 a vote that another conversation knows has no effect here', () => {
      const nodes = group(3);
      const elsewhere = group(3);
      const { vote } = at(elsewhere, 1).plugin.castVote(shared(elsewhere), true, START);
      const id = open(at(nodes, 0), nodes, { payload: Uint8Array.of(8) }).proposalId;
      const { plugin } = at(nodes, 0);
      expect(() => plugin.processVote(vote, contextOf(at(nodes, 1), nodes))).toThrow(
        expect.objectContaining({ name: 'ConsensusError' }),
      );
      expect(plugin.session(id)?.votes).toEqual([]);
    });

    it('R-126 W-22 proposals and votes outside of the tolerated skew are dropped', () => {
      const nodes = group(3);
      const { proposal, proposalId } = open(at(nodes, 0), nodes);
      const { plugin } = at(nodes, 1);
      const receive = (now: number) => () => plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes, now));
      expect(receive(START - 120_001)).toThrow(code('ProposalTimestampOutsideSkew'));
      expect(receive(START + 120_001)).toThrow(code('ProposalTimestampOutsideSkew'));
      expect(receive(START - 120_000)).not.toThrow();
      const { vote } = at(nodes, 0).plugin.castVote(proposalId, true, START + 29_000);
      expect(() => plugin.processVote(vote, contextOf(at(nodes, 0), nodes, START - 100_000))).toThrow(
        code('InvalidVoteTimestamp'),
      );
    });

    it.each([0n, 86_401n])('R-126 W-22 a lifetime of %s seconds is refused', (lifetime) => {
      const nodes = group(3);
      const { proposal } = open(at(nodes, 0), nodes);
      const odd = { ...proposal, expirationTimestamp: proposal.timestamp + lifetime };
      expect(() => at(nodes, 1).plugin.processProposal(odd, contextOf(at(nodes, 0), nodes, START - 1000))).toThrow(
        code('InvalidTimeout'),
      );
    });
  });

  describe('self-leave', () => {
    const leave = (node: Node, nodes: readonly Node[], now = START) =>
      node.plugin.openSelfLeave({ expirySeconds: EXPIRY_SECONDS, roster: rosterOf(nodes), epoch: 1n, now });

    it('R-051 is decided at once, with its own id and name, one voter, a bundled YES and round 1', () => {
      const nodes = group(3);
      const { proposal, session } = leave(at(nodes, 1), nodes);
      const id = selfLeaveId(at(nodes, 1).memberId);
      expect(proposal).toMatchObject({ proposalId: id, name: `self-leave:${id}`, expectedVotersCount: 1, round: 1 });
      expect(proposal.livenessCriteriaYes).toBe(true);
      expect(proposal.votes.map((vote) => vote.vote)).toEqual([true]);
      expect(session.state).toMatchObject({ kind: 'reached', result: true });
      expect(() => leave(at(nodes, 1), nodes)).toThrow(code('ProposalAlreadyExist'));
      const seen = at(nodes, 0).plugin.processProposal(proposal, contextOf(at(nodes, 1), nodes));
      expect(seen.state).toMatchObject({ kind: 'reached', result: true });
    });

    it('R-187 a self-leave of somebody else, or with another payload, is dropped', () => {
      const nodes = group(3);
      const { proposal } = leave(at(nodes, 1), nodes);
      const target = encodeConversationUpdateRequest({
        payload: { case: 'removeMember', value: { identity: memberIdToBytes(at(nodes, 2).memberId) } },
      });
      const { plugin } = at(nodes, 0);
      for (const payload of [target, new Uint8Array(), Uint8Array.of(0xff)]) {
        expect(() => plugin.processProposal({ ...proposal, payload }, contextOf(at(nodes, 1), nodes))).toThrow(
          code('ReservedProposalId'),
        );
      }
      expect(() => plugin.processProposal(proposal, contextOf(at(nodes, 2), nodes))).toThrow(code('OwnerNotSender'));
      const elsewhere = { ...proposal, proposalId: 5, votes: [] };
      expect(() => plugin.processProposal(elsewhere, contextOf(at(nodes, 1), nodes))).toThrow(
        code('ExpectedVotersMismatch'),
      );
    });

    it("W-20 nobody can squat a member's self-leave id", () => {
      const nodes = group(3);
      const { proposal } = open(at(nodes, 0), nodes);
      const squat: Proposal = { ...proposal, proposalId: selfLeaveId(at(nodes, 1).memberId) };
      expect(() => at(nodes, 2).plugin.processProposal(squat, contextOf(at(nodes, 0), nodes))).toThrow(
        code('ReservedProposalId'),
      );
    });

    it('W-20 an own proposal never takes the self-leave id of a member: it draws again', () => {
      const nodes = group(3);
      // A UUIDv4 of zeros, but for the first word, which makes the whole fold to the reserved id.
      const reserved = new Uint8Array(16);
      const word = (selfLeaveId(at(nodes, 2).memberId) ^ 0x4000 ^ 0x80000000) >>> 0;
      new DataView(reserved.buffer).setUint32(0, word);
      const draws = [randomOf('name')(16), reserved, reserved];
      const random = (length: number): Uint8Array => draws.shift() ?? randomOf('free')(length);
      const plugin = create({ signer: signerOf(at(nodes, 0).memberId), random, scheme: QUICK_SCHEME });
      const { proposalId } = open({ memberId: at(nodes, 0).memberId, plugin }, nodes);
      expect(proposalId).not.toBe(selfLeaveId(at(nodes, 2).memberId));
      expect(draws).toEqual([]);
      const stuck = create({ signer: signerOf(at(nodes, 0).memberId), random: () => reserved, scheme: QUICK_SCHEME });
      expect(() => open({ memberId: at(nodes, 0).memberId, plugin: stuck }, nodes)).toThrow(code('ReservedProposalId'));
    });

    it('R-060 after the removal the id is usable again', () => {
      const nodes = group(3);
      const { plugin, memberId } = at(nodes, 1);
      leave(at(nodes, 1), nodes);
      plugin.forgetMember(memberId);
      plugin.forgetMember(memberId);
      expect(plugin.session(selfLeaveId(memberId))).toBeUndefined();
      expect(() => leave(at(nodes, 1), nodes, START + 5000)).not.toThrow();
    });
  });

  describe('capacity', () => {
    it('R-157 of more than 64 sessions the resolved ones go, oldest first; running ones stay', () => {
      const nodes = group(3);
      const { plugin } = at(nodes, 0);
      const running = Array.from({ length: 40 }, (_, index) => open(at(nodes, 0), nodes, { now: START + index }));
      const done = Array.from({ length: 24 }, (_, index) => {
        const session = open(at(nodes, 0), nodes, { now: START + 100 + index });
        return plugin.handleTimeout(session.proposalId, START + 100 + index + WINDOW + GRACE);
      });
      expect(plugin.statistics()).toMatchObject({ total: 64, active: 40, reached: 24 });
      open(at(nodes, 0), nodes, { now: START + 200 });
      expect(plugin.session(done[0]?.proposalId ?? expect.fail())).toBeUndefined();
      expect(plugin.session(done[1]?.proposalId ?? expect.fail())).toBeDefined();
      expect(running.every((session) => plugin.session(session.proposalId) !== undefined)).toBe(true);
      expect(plugin.statistics().total).toBe(64);
    });

    it("R-159 W-18 one member's flood neither evicts running sessions nor keeps others from four of their own", () => {
      const nodes = group(3);
      const { plugin } = at(nodes, 2);
      const flood = Array.from({ length: 64 }, (_, index) => open(at(nodes, 0), nodes, { now: START + index }));
      for (const { proposal } of flood) plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes));
      const offer = (from: number, now: number) => () => {
        const fresh = nodeOf(from + 1);
        const { proposal } = open(fresh, nodes, { now });
        return plugin.processProposal(proposal, contextOf(at(nodes, from), nodes, now));
      };
      expect(offer(0, START + 100)).toThrow(expect.objectContaining({ name: 'ConsensusError' }));
      const mine = [0, 1, 2, 3].map((index) =>
        open(at(nodes, 1), nodes, { now: START + 200 + index, payload: Uint8Array.of(index) }),
      );
      for (const { proposal } of mine) plugin.processProposal(proposal, contextOf(at(nodes, 1), nodes, START + 300));
      const fifth = open(at(nodes, 1), nodes, { now: START + 400 });
      expect(() => plugin.processProposal(fifth.proposal, contextOf(at(nodes, 1), nodes, START + 400))).toThrow(
        code('SessionCapacityExceeded'),
      );
      expect([...flood, ...mine].every((session) => plugin.session(session.proposalId) !== undefined)).toBe(true);
    });

    it('R-157 running sessions make room only after their expiry', () => {
      const nodes = group(3);
      const { plugin } = at(nodes, 0);
      const old = Array.from({ length: 64 }, (_, index) => open(at(nodes, 0), nodes, { now: START + index }));
      expect(() => open(at(nodes, 0), nodes, { now: START + 1000 })).toThrow(code('SessionCapacityExceeded'));
      open(at(nodes, 0), nodes, { now: START + (EXPIRY_SECONDS + 1) * 1000 });
      expect(plugin.session(old[0]?.proposalId ?? expect.fail())).toBeUndefined();
      expect(plugin.statistics().total).toBe(64);
    });
  });
}
