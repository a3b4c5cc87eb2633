/**
 * Decision certificates: a proposal with enough signed YES votes proves its acceptance to whoever missed the vote (H-26).
 * Knows votes and the roster that they were cast by, not what was decided.
 */
import { memberIdToBytes } from '../identity/index.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { Proposal } from '../wire/index.ts';
import { bytesEqual } from './bytes.ts';
import { requiredVotes } from './config.ts';
import type { ConsensusSession, SignatureScheme } from './contract.ts';
import { ConsensusError } from './errors.ts';
import { isSelfLeaveOf, proposalHash } from './proposal.ts';
import { validateVoteContent } from './vote.ts';

const TWO_THIRDS = 2 / 3;

/**
 * The proposal with its YES votes, if they prove acceptance by themselves. A session that silence decided has none.
 */
export function certificateOf(session: ConsensusSession): Proposal | undefined {
  if (session.state.kind !== 'reached' || !session.state.result) return undefined;
  const votes = session.proposal.votes.filter((vote) => vote.vote);
  if (votes.length < requiredVotes(session.proposal.expectedVotersCount, TWO_THIRDS)) return undefined;
  return { ...session.proposal, votes };
}

/**
 * Whether a certificate proves acceptance by `roster`, the members of the epoch in which the vote was held: at least
 * ceil23(n) valid YES votes of different members within the proposal's lifetime; one in its owner's self-leave. H-26
 */
export function certifies(certificate: Proposal, roster: readonly MemberId[], scheme: SignatureScheme): boolean {
  const owner = roster.find((member) => bytesEqual(memberIdToBytes(member), certificate.proposalOwner));
  if (owner === undefined) return false;
  const selfLeave = isSelfLeaveOf(certificate, owner);
  const electorate = selfLeave ? [owner] : roster;
  if (certificate.expectedVotersCount !== electorate.length) return false;
  const hash = proposalHash(certificate);
  const voters = new Set<MemberId>();
  for (const vote of certificate.votes) {
    const voter = bytesEqual(vote.proposalHash, hash) ? yesVoter(certificate, vote, scheme) : undefined;
    if (voter !== undefined && electorate.includes(voter)) voters.add(voter);
  }
  return voters.size >= requiredVotes(electorate.length, TWO_THIRDS);
}

function yesVoter(
  certificate: Proposal,
  vote: Proposal['votes'][number],
  scheme: SignatureScheme,
): MemberId | undefined {
  if (!vote.vote || vote.proposalId !== certificate.proposalId) return undefined;
  if (vote.timestamp < certificate.timestamp || vote.timestamp > certificate.expirationTimestamp) return undefined;
  try {
    return validateVoteContent(vote, scheme);
  } catch (error) {
    if (error instanceof ConsensusError) return undefined;
    throw error;
  }
}
