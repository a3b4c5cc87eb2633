/**
 * Decisions that a candidate proves to us (H-26): the votes verify against a roster that we know, and the change was not
 * carried out already. A certificate proves only; it opens no session and decides nothing twice.
 */
import { MAX_CLOCK_SKEW_MS } from '../../../shared/limits.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { certified, certifiedAmong, ETHEREUM_SCHEME } from '../consensus/index.ts';
import type { CommitAction } from '../mls/contract.ts';
import { encodeProposal, type DecisionCertificate, type Proposal } from '../wire/index.ts';
import { changeOf, isOutlived, isSatisfied } from './decisions.ts';
import { count, plugins, type Draft } from './draft.ts';
import { evidenceOfCertificate } from './evidence.ts';
import { isSelfLeave, recordOfProposal } from './records.ts';
import { parseRequest, targetOf } from './requests.ts';
import { epochOf, members } from './roster.ts';
import type { ApprovedChange, ApprovedEntry } from './state.ts';

const DAY_MS = 24 * 3_600_000;
/** After its vote a change may wait this long for a commit although the group went on meanwhile. */
const CARRY_OUT_MS = 3_600_000;

/** All decisions that certificates prove and that our own queue lacks. */
export const provenDecisions = (
  draft: Draft,
  certificates: readonly DecisionCertificate[],
): Promise<readonly ApprovedEntry[]> => provenBy(draft, certificates, undefined);

/** The decisions about `actions`, or about anything, that certificates prove and that our own queue lacks. */
export async function provenBy(
  draft: Draft,
  certificates: readonly DecisionCertificate[],
  actions: readonly CommitAction[] | undefined,
): Promise<readonly ApprovedEntry[]> {
  const { approved } = draft.state.queues;
  const proven: ApprovedEntry[] = [];
  for (const { proposal } of certificates) {
    if (proposal === undefined || approved.some((entry) => entry.proposalId === proposal.proposalId)) continue;
    // What changes nobody's membership is looked at elsewhere (mandates.ts).
    if (targetOf(parseRequest(proposal.payload)) === undefined) continue;
    const entry = await verify(draft, proposal, actions);
    if (entry === undefined) count(draft, 'CertificateRefused');
    else proven.push(entry);
  }
  return proven;
}

async function verify(
  draft: Draft,
  proposal: Proposal,
  actions: readonly CommitAction[] | undefined,
): Promise<ApprovedEntry | undefined> {
  const request = parseRequest(proposal.payload);
  const target = targetOf(request);
  // What the candidate does not do needs no proof, and costs none.
  if (request === undefined || actions?.some(({ memberId }) => memberId === target) === false) return undefined;
  if (!isTimely(draft, proposal) || isDone(draft, proposal.proposalId as ProposalId)) return undefined;
  const change = await changeOf(draft, request, isSelfLeave(proposal));
  if (change === undefined || isSatisfied(draft, change) || isOutlived(draft, change, Number(proposal.epoch)))
    return undefined;
  const proof = await proofOf(draft, proposal, change);
  if (proof === undefined) return undefined;
  return {
    proposalId: proposal.proposalId as ProposalId,
    change,
    votedIn: Number(proposal.epoch),
    epoch: epochOf(draft.state),
    record: recordOfProposal(proof.proposal, draft, 'accepted', draft.now),
    certificate: encodeProposal(proof.proposal),
    evidence: evidenceOfCertificate(proof.proposal, proof.electorate),
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

interface Proof {
  /** With the votes that were counted, and no others. */
  readonly proposal: Proposal;
  /** Who was asked; empty when forgotten. */
  readonly electorate: readonly MemberId[];
}

/** The votes that verify against the members of the epoch that the proposal names, each having signed which that is. */
async function proofOf(draft: Draft, proposal: Proposal, change: ApprovedChange): Promise<Proof | undefined> {
  const { breathe } = draft.context;
  const present = members(draft);
  const electorate = electorateOf(draft, proposal);
  if (electorate === 'forgotten') {
    const among = await certifiedAmong(proposal, present, ETHEREUM_SCHEME, breathe);
    return among === undefined ? undefined : { proposal: among, electorate: [] };
  }
  if (electorate === undefined) return undefined;
  // H-1 (d): nobody can be voted out who was no member then.
  if (change.kind === 'remove' && !electorate.includes(change.memberId)) return undefined;
  const proven = await certified(proposal, electorate, ETHEREUM_SCHEME, breathe);
  return proven === undefined ? undefined : { proposal: proven, electorate };
}

/**
 * Who was asked: the members of this epoch, or of one that we remember and that ended not long ago. A joiner knows of the epochs
 * before its own only the last, and whom the sync names. `forgotten`: we were there, and remember no more.
 */
function electorateOf(draft: Draft, proposal: Proposal): readonly MemberId[] | 'forgotten' | undefined {
  const present = members(draft);
  const { past, joins, electorates } = draft.state.roster;
  if (proposal.epoch >= draft.state.group.epoch)
    return proposal.epoch === draft.state.group.epoch ? present : undefined;
  const epoch = Number(proposal.epoch);
  const remembered = past.find((other) => other.epoch === epoch);
  if (remembered !== undefined) return isRecent(draft, proposal, remembered.endedAt) ? remembered.members : undefined;
  const ownJoin = joins.find(({ memberId }) => memberId === draft.self);
  if (ownJoin === undefined || epoch >= ownJoin.epoch) return 'forgotten';
  if (!isRecent(draft, proposal, ownJoin.at)) return undefined;
  const told = electorates.find(({ proposalId }) => proposalId === proposal.proposalId)?.members;
  if (told !== undefined) return told;
  if (epoch !== ownJoin.epoch - 1) return undefined;
  return present.filter((memberId) => {
    const join = joins.find((candidate) => candidate.memberId === memberId);
    return join === undefined || join.epoch < ownJoin.epoch;
  });
}

/** Opened before the epoch ended, and not so long ago that its change must have been carried out or given up. */
function isRecent({ now }: Draft, proposal: Proposal, endedAt: number): boolean {
  const lifetime = Number(proposal.expirationTimestamp - proposal.timestamp) * 1000;
  const opened = Number(proposal.timestamp) * 1000;
  return opened <= endedAt + MAX_CLOCK_SKEW_MS && now <= endedAt + lifetime + CARRY_OUT_MS;
}
