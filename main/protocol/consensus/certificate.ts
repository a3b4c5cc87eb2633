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
  return hasVoters(certificate, electorate, requiredVotes(electorate.length, TWO_THIRDS), scheme);
}

/**
 * The same where the electorate is not remembered any more: the voters are enough of the members of now, and enough of as
 * many as the proposal claims to have asked. H-26
 */
export function certifiesAmong(certificate: Proposal, present: readonly MemberId[], scheme: SignatureScheme): boolean {
  const asked = Math.max(certificate.expectedVotersCount, present.length);
  return hasVoters(certificate, present, requiredVotes(asked, TWO_THIRDS), scheme);
}

/**
 * Whether `required` members of `electorate` said YES on exactly this proposal. Checks no more signatures than there are
 * members: whoever sends a certificate could put any number of votes into it.
 */
function hasVoters(
  certificate: Proposal,
  electorate: readonly MemberId[],
  required: number,
  scheme: SignatureScheme,
): boolean {
  const hash = proposalHash(certificate);
  const ids = electorate.map(memberIdToBytes);
  const claimed = certificate.votes
    .filter((vote) => bytesEqual(vote.proposalHash, hash) && ids.some((id) => bytesEqual(id, vote.voteOwner)))
    .slice(0, electorate.length);
  const voters = new Set<MemberId>();
  for (const vote of claimed) {
    const voter = yesVoter(certificate, vote, scheme);
    if (voter !== undefined) voters.add(voter);
    if (voters.size >= required) return true;
  }
  return false;
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
