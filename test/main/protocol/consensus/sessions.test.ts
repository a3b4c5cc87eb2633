/** Sessions beside the suite: any signature scheme, chains that prove nothing, clocks that differ, timeouts and events. */
import { describe, expect, it } from 'vitest';
import { createConsensus, ETHEREUM_SCHEME } from '../../../../main/protocol/consensus/index.ts';
import { buildVote } from '../../../../main/protocol/consensus/vote.ts';
import { proposalHash } from '../../../../main/protocol/consensus/proposal.ts';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import {
  code,
  consensusWorld,
  GRACE,
  QUICK_SCHEME,
  randomOf,
  signerOf,
  START,
  WINDOW,
  type Node,
} from '../../../compliance/consensusWorld.ts';
import { wallet } from '../vectors.ts';

const world = consensusWorld(createConsensus);
const { group, at, open, shared, contextOf, rosterOf } = world;

describe('the signature scheme', () => {
  it('R-120 can be replaced: votes differ in their signatures alone, and only the scheme refuses those of another', () => {
    const alice = wallet('alice');
    const plugins = [
      createConsensus({ signer: alice, random: randomOf('same'), scheme: ETHEREUM_SCHEME }),
      createConsensus({ signer: signerOf(alice.memberId), random: randomOf('same'), scheme: QUICK_SCHEME }),
    ];
    const [ethereum, quick] = plugins.map((plugin) => {
      const session = open({ memberId: alice.memberId, plugin }, [{ memberId: alice.memberId, plugin }]);
      return plugin.castVote(session.proposalId, true, START);
    });
    expect(ethereum!.vote).toMatchObject({ ...quick!.vote, signature: ethereum!.vote.signature });
    expect(ethereum!.vote.signature).not.toEqual(quick!.vote.signature);
    for (const cast of [ethereum!, quick!]) expect(cast.session.state).toMatchObject({ kind: 'reached', result: true });
    // A node of the other scheme takes neither.
    const nodes = group(2);
    const { proposalId, proposal } = open(at(nodes, 0), nodes);
    const strict = createConsensus({
      signer: signerOf(at(nodes, 1).memberId),
      random: randomOf('strict'),
      scheme: ETHEREUM_SCHEME,
    });
    strict.processProposal(proposal, contextOf(at(nodes, 0), nodes));
    const { vote } = at(nodes, 0).plugin.castVote(proposalId, true, START);
    expect(() => strict.processVote(vote, contextOf(at(nodes, 0), nodes))).toThrow(code('SignatureScheme'));
    expect(strict.session(proposalId)?.votes).toEqual([]);
  });
});

describe('the chain of votes', () => {
  const chained = (
    voter: Node,
    nodes: readonly Node[],
    proposalId: ProposalId,
    votes: Parameters<typeof buildVote>[0]['votes'],
  ) =>
    buildVote(
      {
        voteId: 7,
        proposalId,
        proposalHash: proposalHash(at(nodes, 0).plugin.session(proposalId)!.proposal),
        timestampSeconds: BigInt(START / 1000 + 1),
        choice: true,
        votes,
      },
      signerOf(voter.memberId),
    );

  it('W-21 decides nothing: a vote with an invented chain is one vote, and a perfect chain does not carry a wrong signature', () => {
    const nodes = group(4);
    const id = shared(nodes);
    const { plugin } = at(nodes, 0);
    // Chained behind votes that nobody else ever saw, its own among them.
    const invented = [1, 2].map(() => chained(at(nodes, 1), nodes, id, []));
    const odd = chained(at(nodes, 1), nodes, id, invented);
    expect(odd.parentHash.length).toBe(32);
    plugin.processVote(odd, contextOf(at(nodes, 1), nodes, START + 1_000));
    expect(plugin.session(id)?.votes.map(({ owner }) => owner)).toEqual([at(nodes, 1).memberId]);
    // The same voter, chained properly behind it, is still the same voter.
    const again = chained(at(nodes, 1), nodes, id, [odd]);
    expect(() => plugin.processVote({ ...again, voteId: 8 }, contextOf(at(nodes, 1), nodes, START + 1_000))).toThrow(
      expect.objectContaining({ name: 'ConsensusError' }),
    );
    // A perfect link that somebody else signed.
    const next = chained(at(nodes, 2), nodes, id, [odd]);
    const forged = { ...next, signature: chained(at(nodes, 3), nodes, id, [odd]).signature };
    expect(() => plugin.processVote(forged, contextOf(at(nodes, 2), nodes, START + 1_000))).toThrow(
      code('InvalidVoteSignature'),
    );
    expect(plugin.session(id)?.votes).toHaveLength(1);
    expect(plugin.session(id)?.state).toEqual({ kind: 'active' });
  });
});

describe('clocks', () => {
  it('W-42 that differ by up to 120 s reject no proposal and no vote, and lead to the same decision', () => {
    const nodes = group(3);
    const clocks = [START, START + 118_000, START - 118_000];
    const { proposal, proposalId } = open(at(nodes, 0), nodes, { now: clocks[0]! });
    for (const index of [1, 2])
      at(nodes, index).plugin.processProposal(proposal, contextOf(at(nodes, 0), nodes, clocks[index]));
    // Who is behind votes first by its own clock, which says that the proposal is from the future.
    const { vote } = at(nodes, 0).plugin.castVote(proposalId, true, clocks[0]! + 1_000);
    at(nodes, 2).plugin.processVote(vote, contextOf(at(nodes, 0), nodes, clocks[2]! + 1_000));
    at(nodes, 1).plugin.processVote(vote, contextOf(at(nodes, 0), nodes, clocks[1]! + 1_000));
    const late = at(nodes, 2).plugin.castVote(proposalId, true, clocks[2]! + 2_000).vote;
    for (const index of [0, 1])
      at(nodes, index).plugin.processVote(late, contextOf(at(nodes, 2), nodes, clocks[index]! + 2_000));
    expect(nodes.map(({ plugin }) => plugin.result(proposalId))).toEqual([true, true, true]);
  });
});

describe('the timeout of a session', () => {
  it('R-088 is registered with it and gone with its decision or its end; forgetting an unknown one is harmless', () => {
    const nodes = group(3);
    const { plugin } = at(nodes, 0);
    expect(plugin.nextTimeoutAt()).toBeUndefined();
    const first = open(at(nodes, 0), nodes, { now: START });
    const second = open(at(nodes, 0), nodes, { now: START + 5_000 });
    expect(plugin.nextTimeoutAt()).toBe(START + WINDOW + GRACE);
    plugin.forget(999 as ProposalId);
    expect(plugin.nextTimeoutAt()).toBe(START + WINDOW + GRACE);
    plugin.forget(first.proposalId);
    expect(plugin.nextTimeoutAt()).toBe(START + 5_000 + WINDOW + GRACE);
    expect(plugin.dueTimeouts(START + 10 ** 6)).toEqual([second.proposalId]);
    plugin.handleTimeout(second.proposalId, START + 5_000 + WINDOW + GRACE);
    expect(plugin.nextTimeoutAt()).toBeUndefined();
    expect(rosterOf(nodes)).toHaveLength(3);
  });
});

describe('events', () => {
  it('R-090 are drained in the order in which they happened, once', () => {
    const nodes = group(3);
    const { plugin } = at(nodes, 0);
    const ids = [1, 2, 3].map((byte) => open(at(nodes, 0), nodes, { payload: Uint8Array.of(byte) }).proposalId);
    const order = [ids[2]!, ids[0]!, ids[1]!];
    for (const id of order) plugin.handleTimeout(id, START + WINDOW + GRACE);
    const drained = plugin.drainEvents();
    expect(drained.map((event) => (event.kind === 'equivocation' ? undefined : event.proposalId))).toEqual(order);
    expect(plugin.drainEvents()).toEqual([]);
  });
});
