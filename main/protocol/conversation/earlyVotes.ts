/**
 * Votes that overtook their proposal: kept until it comes, so that members who saw the same packets in another order count the
 * same votes. Bounded for each sender and in time. Knows no session.
 */
import { MAX_EARLY_VOTES, MAX_EARLY_VOTES_PER_MEMBER, PARKED_PACKET_MS } from '../../../shared/limits.ts';
import type { ProposalId } from '../../../shared/model/ids.ts';
import { decodeVote, encodeVote, type Vote } from '../wire/index.ts';
import { count, type Draft } from './draft.ts';
import type { EarlyVote } from './state.ts';

interface Origin {
  readonly sender: EarlyVote['sender'];
  readonly epoch: bigint;
}

/** Keeps a vote on a proposal that is not known yet; the oldest of the same sender gives way. */
export function keepEarlyVote(draft: Draft, vote: Vote, { sender, epoch }: Origin): void {
  count(draft, 'VoteBeforeProposal');
  const { votes } = draft.state;
  const fresh = votes.early.filter((other) => draft.now < other.at + PARKED_PACKET_MS);
  const ofSender = fresh.filter((other) => other.sender === sender);
  const dropped = ofSender.length >= MAX_EARLY_VOTES_PER_MEMBER ? ofSender[0] : undefined;
  const kept = fresh.filter((other) => other !== dropped).slice(1 - MAX_EARLY_VOTES);
  const early = { proposalId: vote.proposalId as ProposalId, sender, epoch, vote: encodeVote(vote), at: draft.now };
  draft.state.votes = { ...votes, early: [...kept, early] };
}

/** Takes out the votes that waited for a proposal. */
export function takeEarlyVotes(
  draft: Draft,
  proposalId: ProposalId,
): readonly { readonly vote: Vote; readonly origin: Origin }[] {
  const { votes } = draft.state;
  const waiting = votes.early.filter((early) => early.proposalId === proposalId);
  if (waiting.length === 0) return [];
  draft.state.votes = { ...votes, early: votes.early.filter((early) => early.proposalId !== proposalId) };
  return waiting
    .filter(({ at }) => draft.now < at + PARKED_PACKET_MS)
    .map(({ vote, sender, epoch }) => ({ vote: decodeVote(vote), origin: { sender, epoch } }));
}
