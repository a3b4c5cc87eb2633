/**
 * Decisions that a candidate proves to us (H-26): the votes verify against a roster that we know, and the change was not
 * carried out already. A certificate proves only; it opens no session and decides nothing twice.
 */
import { MAX_CLOCK_SKEW_MS } from '../../../shared/limits.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { certifies, ETHEREUM_SCHEME } from '../consensus/index.ts';
import { memberIdToBytes } from '../identity/index.ts';
import { encodeProposal, type DecisionCertificate, type Proposal } from '../wire/index.ts';
import { changeOf, isSatisfied } from './decisions.ts';
import { count, plugins, type Draft } from './draft.ts';
import { isSelfLeave, recordOfProposal, twoThirds } from './records.ts';
import { parseRequest } from './requests.ts';
import { epochOf, members } from './roster.ts';
import type { ApprovedEntry } from './state.ts';

const DAY_MS = 24 * 3_600_000;

/** The decisions that certificates prove and that our own queue lacks. */
export async function provenBy(
  draft: Draft,
  certificates: readonly DecisionCertificate[],
): Promise<readonly ApprovedEntry[]> {
  const { approved } = draft.state.queues;
  const proven: ApprovedEntry[] = [];
  for (const { proposal } of certificates) {
    if (proposal === undefined || approved.some((entry) => entry.proposalId === proposal.proposalId)) continue;
    const entry = await verify(draft, proposal);
    if (entry === undefined) count(draft, 'CertificateRefused');
    else proven.push(entry);
  }
  return proven;
}

async function verify(draft: Draft, proposal: Proposal): Promise<ApprovedEntry | undefined> {
  if (!isTimely(draft, proposal) || isDone(draft, proposal.proposalId as ProposalId)) return undefined;
  const request = parseRequest(proposal.payload);
  const change = request === undefined ? undefined : await changeOf(draft, request, isSelfLeave(proposal));
  if (change === undefined || isSatisfied(draft, change)) return undefined;
  // A removal that was voted before its target came (back) in is spent.
  const join = draft.state.roster.joins.find(({ memberId }) => memberId === change.memberId);
  if (change.kind === 'remove' && join !== undefined && Number(proposal.timestamp) * 1000 + 999 < join.at)
    return undefined;
  if (!electoratesOf(draft, proposal).some((roster) => certifies(proposal, roster, ETHEREUM_SCHEME))) return undefined;
  return {
    proposalId: proposal.proposalId as ProposalId,
    change,
    epoch: epochOf(draft.state),
    record: recordOfProposal(proposal, draft, 'accepted', draft.now),
    certificate: encodeProposal(proposal),
  };
}

/** The bounds of H-22, and the voting window of H-3. */
function isTimely(draft: Draft, proposal: Proposal): boolean {
  const { now } = draft;
  const opened = Number(proposal.timestamp) * 1000;
  const lifetime = Number(proposal.expirationTimestamp) * 1000 - opened;
  if (lifetime < 1000 || lifetime > DAY_MS || opened > now + MAX_CLOCK_SKEW_MS) return false;
  const window = isSelfLeave(proposal) ? lifetime : draft.state.rules.settings.consensusTimeoutMs;
  return proposal.votes.every((vote) => Number(vote.timestamp) * 1000 <= opened + window);
}

/** Decided here with YES, and no longer waiting: it was carried out. */
function isDone(draft: Draft, proposalId: ProposalId): boolean {
  if (!draft.state.queues.resolved.includes(proposalId)) return false;
  const session = plugins(draft).consensus.session(proposalId);
  return session === undefined || (session.state.kind === 'reached' && session.state.result);
}

/**
 * Electorates that the vote may have had: members of this epoch, of those that we remember, of the one before we came, and what the
 * sync told us; and, as the group may have grown since, any that has the voters in it when they are two thirds of the members that we know (H-26).
 */
function electoratesOf(draft: Draft, proposal: Proposal): readonly (readonly MemberId[])[] {
  const present = members(draft);
  const { past, joins } = draft.state.roster;
  const ownJoin = joins.find(({ memberId }) => memberId === draft.self);
  const before = present.filter((memberId) => {
    const join = joins.find((candidate) => candidate.memberId === memberId);
    return join === undefined || (ownJoin !== undefined && join.epoch < ownJoin.epoch);
  });
  const told = draft.state.roster.electorates.filter(({ proposalId }) => proposalId === proposal.proposalId);
  const known = [present, ...past.map((epoch) => epoch.members), ...(ownJoin === undefined ? [] : [before])];
  return [
    ...known,
    ...told.map((electorate) => electorate.members),
    ...known.flatMap((roster) => smallerElectorate(proposal, roster) ?? []),
  ];
}

/** As many of `roster` as were asked, proposer and voters first; undefined when the voters are less than two thirds of `roster`. */
function smallerElectorate(
  proposal: Proposal,
  roster: readonly MemberId[],
): readonly (readonly MemberId[])[] | undefined {
  const bytes = new Map(roster.map((memberId) => [memberId, memberIdToBytes(memberId)]));
  const find = (id: Uint8Array): MemberId | undefined =>
    roster.find((memberId) => Buffer.compare(bytes.get(memberId) ?? new Uint8Array(), id) === 0);
  const voters = new Set(proposal.votes.flatMap((vote) => (vote.vote ? (find(vote.voteOwner) ?? []) : [])));
  const owner = find(proposal.proposalOwner);
  if (owner === undefined || proposal.expectedVotersCount >= roster.length || voters.size < twoThirds(roster.length))
    return undefined;
  return [[...new Set([owner, ...voters, ...roster])].slice(0, proposal.expectedVotersCount)];
}
