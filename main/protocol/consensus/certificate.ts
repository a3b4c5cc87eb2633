/**
 * Decision certificates: a proposal with enough signed YES votes proves its acceptance to whoever missed the vote (H-26).
 * Knows votes and the roster that they were cast by, not what was decided.
 */
import { NO_BREATHER, type Breather } from '../breather.ts';
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
 * What of a certificate proves acceptance by `roster`, the members of the epoch in which the vote was held: at least ceil23(n)
 * valid YES votes of different members within the proposal's lifetime; one in its owner's self-leave. The proposal comes back
 * with exactly the votes that were checked; undefined when they are too few. H-26
 */
export async function certified(
  certificate: Proposal,
  roster: readonly MemberId[],
  scheme: SignatureScheme,
  breathe: Breather = NO_BREATHER,
): Promise<Proposal | undefined> {
  const owner = roster.find((member) => bytesEqual(memberIdToBytes(member), certificate.proposalOwner));
  if (owner === undefined) return undefined;
  const selfLeave = isSelfLeaveOf(certificate, owner);
  const electorate = selfLeave ? [owner] : roster;
  if (certificate.expectedVotersCount !== electorate.length) return undefined;
  return withVoters(certificate, electorate, requiredVotes(electorate.length, TWO_THIRDS), scheme, breathe);
}

/**
 * The same where the electorate is not remembered any more: the voters are enough of the members of now, and enough of as
 * many as the proposal claims to have asked. H-26
 */
export async function certifiedAmong(
  certificate: Proposal,
  present: readonly MemberId[],
  scheme: SignatureScheme,
  breathe: Breather = NO_BREATHER,
): Promise<Proposal | undefined> {
  const asked = Math.max(certificate.expectedVotersCount, present.length);
  return withVoters(certificate, present, requiredVotes(asked, TWO_THIRDS), scheme, breathe);
}

/**
 * The votes of the first `required` members of `electorate` that said YES on exactly this proposal. Whoever sends a certificate could
 * put anything into it, and a signature costs a millisecond: one vote of each member is looked at, none when they are too few, and
 * none after the first that is wrong, since an honest certificate holds none.
 */
async function withVoters(
  certificate: Proposal,
  electorate: readonly MemberId[],
  required: number,
  scheme: SignatureScheme,
  breathe: Breather,
): Promise<Proposal | undefined> {
  const hash = proposalHash(certificate);
  const ids = electorate.map(memberIdToBytes);
  const claimed = ids.flatMap(
    (id) =>
      certificate.votes.find((vote) => bytesEqual(id, vote.voteOwner) && bytesEqual(vote.proposalHash, hash)) ?? [],
  );
  if (claimed.length < required) return undefined;
  const votes = claimed.slice(0, required);
  for (const vote of votes) {
    await breathe(); // There may be hundreds.
    if (yesVoter(certificate, vote, scheme) === undefined) return undefined;
  }
  return { ...certificate, votes };
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
