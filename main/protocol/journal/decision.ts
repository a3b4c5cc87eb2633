/**
 * Whether a decision holds, judged by a stranger from its evidence alone: every signature, who was asked, and the arithmetic of
 * §10.7. What nobody can prove is silence: a decision by silence is consistent at best, and says so.
 */
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { NO_BREATHER, type Breather } from '../breather.ts';
import {
  checkVoteBinding,
  ConsensusError,
  decide,
  isSelfLeaveOf,
  requiredVotes,
  validateVoteContent,
} from '../consensus/index.ts';
import type { SignatureScheme } from '../consensus/contract.ts';
import { memberIdFromBytes } from '../identity/index.ts';
import type { DecisionEvidence, Proposal } from '../wire/index.ts';

const TWO_THIRDS = 2 / 3;

export type DecisionFault =
  /** No proposal inside, or one that its own fields rule out. */
  | 'Malformed'
  /** The proposer was not among those who were asked. */
  | 'ProposerNotAsked'
  /** As many as the proposal says were not asked, or others than the members of its epoch. */
  | 'OtherElectorate'
  /** A vote of somebody who was not asked. */
  | 'VoterNotAsked'
  | 'VotedTwice'
  /** Not signed by its owner, on another proposal, or not in its time. */
  | 'InvalidVote'
  /** The votes do not accept it. */
  | 'NotAccepted';

export interface CheckedVote {
  readonly memberId: MemberId;
  readonly approve: boolean;
  /** As its voter signed, ms. */
  readonly at: number;
}

export type DecisionVerdict =
  | {
      readonly kind: 'accepted';
      readonly proposalId: ProposalId;
      readonly proposer: MemberId;
      /** The epoch whose members were asked. */
      readonly epoch: number;
      readonly by: 'votes' | 'silence' | 'selfLeave';
      /** Who was asked; undefined where only their number is known. */
      readonly asked: readonly MemberId[] | undefined;
      readonly expected: number;
      /** Explicit YES that decide at once. */
      readonly needed: number;
      readonly silenceCountsAsYes: boolean;
      /** The window, ms. */
      readonly openedAt: number;
      readonly closesAt: number;
      /** Signed votes that were checked. */
      readonly votes: readonly CheckedVote[];
    }
  | { readonly kind: 'refuted'; readonly fault: DecisionFault; readonly voter?: MemberId };

const refuted = (fault: DecisionFault, voter?: MemberId): DecisionVerdict => ({
  kind: 'refuted',
  fault,
  ...(voter === undefined ? {} : { voter }),
});

/**
 * Checks one decision. `members` are those of the epoch that the proposal names, as the caller knows them; without them the
 * evidence's own word on who was asked has to do, and where it has none, the number that every voter signed.
 */
export async function verifyDecision(
  evidence: Pick<DecisionEvidence, 'proposal' | 'electorate' | 'silence'>,
  scheme: SignatureScheme,
  members?: readonly MemberId[],
  breathe: Breather = NO_BREATHER,
): Promise<DecisionVerdict> {
  const { proposal, silence } = evidence;
  const proposer = idOf(proposal?.proposalOwner);
  const told = idsOf(evidence.electorate);
  if (proposal === undefined || proposer === undefined || told === undefined) return refuted('Malformed');
  // Nothing may be in it that nobody vouches for: the round is not signed, and the electorate has one order.
  if (proposal.round !== 0 || !isAscending(evidence.electorate)) return refuted('Malformed');
  const roster = members ?? (told.length === 0 ? undefined : told);
  if (roster?.includes(proposer) === false) return refuted('ProposerNotAsked');
  if (members !== undefined && told.length > 0 && !sameMembers(told, members)) return refuted('OtherElectorate');
  const selfLeave = isSelfLeaveOf(proposal, proposer);
  const asked = selfLeave ? [proposer] : roster;
  if (asked !== undefined && asked.length !== proposal.expectedVotersCount) return refuted('OtherElectorate');
  const votes = await votesOf(proposal, asked, { scheme, breathe });
  if (!Array.isArray(votes)) return votes;
  const by = ruleOf(proposal, votes, silence);
  if (by === undefined) return refuted('NotAccepted');
  return {
    kind: 'accepted',
    proposalId: proposal.proposalId as ProposalId,
    proposer,
    epoch: Number(proposal.epoch),
    by: selfLeave ? 'selfLeave' : by,
    asked,
    expected: proposal.expectedVotersCount,
    needed: requiredVotes(proposal.expectedVotersCount, TWO_THIRDS),
    silenceCountsAsYes: proposal.livenessCriteriaYes,
    openedAt: Number(proposal.timestamp) * 1000,
    closesAt: Number(proposal.expirationTimestamp) * 1000,
    votes,
  };
}

/** Every vote of the proposal, checked; or the first that is wrong. */
async function votesOf(
  proposal: Proposal,
  asked: readonly MemberId[] | undefined,
  { scheme, breathe }: { readonly scheme: SignatureScheme; readonly breathe: Breather },
): Promise<CheckedVote[] | DecisionVerdict> {
  const checked: CheckedVote[] = [];
  for (const vote of proposal.votes) {
    const claimed = idOf(vote.voteOwner);
    if (claimed === undefined) return refuted('Malformed');
    if (asked?.includes(claimed) === false) return refuted('VoterNotAsked', claimed);
    if (checked.some(({ memberId }) => memberId === claimed)) return refuted('VotedTwice', claimed);
    if (!isValid(proposal, vote, scheme)) return refuted('InvalidVote', claimed);
    checked.push({ memberId: claimed, approve: vote.vote, at: Number(vote.timestamp) * 1000 });
    await breathe();
  }
  return checked;
}

function isValid(proposal: Proposal, vote: Proposal['votes'][number], scheme: SignatureScheme): boolean {
  const isInTime = vote.timestamp >= proposal.timestamp && vote.timestamp <= proposal.expirationTimestamp;
  if (!isInTime || vote.proposalId !== proposal.proposalId) return false;
  try {
    checkVoteBinding(vote, proposal);
    validateVoteContent(vote, scheme);
    return true;
  } catch (error) {
    if (error instanceof ConsensusError) return false;
    throw error;
  }
}

/** §10.7: what the explicit votes decide, and only then what silence adds at the end of the window. */
function ruleOf(proposal: Proposal, votes: readonly CheckedVote[], silence: boolean): 'votes' | 'silence' | undefined {
  const tally = {
    expectedVoters: proposal.expectedVotersCount,
    yes: votes.filter(({ approve }) => approve).length,
    no: votes.filter(({ approve }) => !approve).length,
    threshold: TWO_THIRDS,
    livenessCriteriaYes: proposal.livenessCriteriaYes,
  };
  if (decide(tally, false) === true) return silence ? undefined : 'votes';
  return silence && decide(tally, true) === true ? 'silence' : undefined;
}

function sameMembers(some: readonly MemberId[], others: readonly MemberId[]): boolean {
  const set = new Set(some);
  return some.length === others.length && others.every((memberId) => set.has(memberId));
}

const isAscending = (ids: readonly Uint8Array[]): boolean =>
  ids.every((id, index) => index === 0 || Buffer.compare(ids[index - 1] ?? id, id) < 0);

function idOf(bytes: Uint8Array | undefined): MemberId | undefined {
  try {
    return bytes === undefined ? undefined : memberIdFromBytes(bytes);
  } catch {
    // Of another length than a member id.
    return undefined;
  }
}

function idsOf(list: readonly Uint8Array[]): readonly MemberId[] | undefined {
  const ids = list.flatMap((bytes) => idOf(bytes) ?? []);
  return ids.length === list.length ? ids : undefined;
}
