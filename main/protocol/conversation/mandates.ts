/**
 * Proofs of what changes who may commit: the accepted election of the list in force, an accepted deadlock of this epoch (H-26). They
 * travel with each candidate, so that a member that missed the vote knows the committer's right. Knows certificates, not candidates.
 */
import { certified, certifiedAmong, ETHEREUM_SCHEME } from '../consensus/index.ts';
import type { ProposalId } from '../../../shared/model/ids.ts';
import { MAX_RESOLVED_PROPOSALS } from '../../../shared/limits.ts';
import { decodeProposal, encodeProposal, type DecisionCertificate, type Proposal } from '../wire/index.ts';
import { count, plugins, type Draft } from './draft.ts';
import { installElected } from './elections.ts';
import { openRecovery } from './recovery.ts';
import { parseRequest, type UpdateRequest } from './requests.ts';
import { epochOf, members } from './roster.ts';

type Mandate = Extract<UpdateRequest, { kind: 'stewardElection' | 'emergency' }>;

/** The proofs of the list in force and of this epoch's mode, encoded. */
export function mandateCertificates(draft: Draft): readonly Uint8Array[] {
  const { election, deadlock } = draft.state.mandate;
  const isOfNow = deadlock?.epoch === epochOf(draft.state);
  return [election, isOfNow ? deadlock : undefined].flatMap((mandate) => mandate?.proposal ?? []);
}

export const mandatesFor = (draft: Draft): readonly DecisionCertificate[] =>
  mandateCertificates(draft).map(certificateIn);

const certificateIn = (proposal: Uint8Array): DecisionCertificate =>
  ({ proposal: decodeProposal(proposal) }) as DecisionCertificate;

/** Takes over what a candidate's certificates prove about who may commit; everything else in them is left alone. */
export async function adoptMandates(draft: Draft, certificates: readonly DecisionCertificate[]): Promise<void> {
  for (const { proposal } of certificates) {
    if (proposal === undefined || isKnown(draft, proposal)) continue;
    const request = parseRequest(proposal.payload);
    if (request === undefined || !isMandate(request)) continue;
    const proven = await verified(draft, proposal);
    if (proven === undefined) {
      count(draft, 'CertificateRefused');
      continue;
    }
    if (!adopt(draft, request, proven)) continue;
    settleSession(draft, proposal.proposalId as ProposalId);
  }
}

/** By those who were asked; where we do not remember them, by as many of those who are members now. */
async function verified(draft: Draft, proposal: Proposal): Promise<Proposal | undefined> {
  const { breathe } = draft.context;
  const { epoch } = draft.state.group;
  if (proposal.epoch > epoch) return undefined;
  const asked =
    proposal.epoch === epoch
      ? members(draft)
      : draft.state.roster.past.find((past) => past.epoch === Number(proposal.epoch))?.members;
  return asked === undefined
    ? certifiedAmong(proposal, members(draft), ETHEREUM_SCHEME, breathe)
    : certified(proposal, asked, ETHEREUM_SCHEME, breathe);
}

function isMandate(request: UpdateRequest): request is Mandate {
  return request.kind === 'stewardElection' || (request.kind === 'emergency' && request.violation === 'DEADLOCK');
}

function isKnown(draft: Draft, { proposalId }: Proposal): boolean {
  const session = plugins(draft).consensus.session(proposalId as ProposalId);
  if (session?.state.kind === 'reached' && session.state.result) return true;
  return (
    session === undefined &&
    draft.state.queues.resolved.includes(proposalId as ProposalId) &&
    [draft.state.mandate.election, draft.state.mandate.deadlock].some((known) => known?.proposalId === proposalId)
  );
}

function adopt(draft: Draft, request: Mandate, proposal: Proposal): boolean {
  const proof = {
    proposalId: proposal.proposalId as ProposalId,
    votedIn: proposal.epoch,
    certificate: encodeProposal(proposal),
  };
  if (request.kind === 'stewardElection') return installElected(draft, request, proof);
  return proposal.epoch === draft.state.group.epoch && openRecovery(draft, proof);
}

/** Our own vote on it is over: what the group decided is decided for us too, once. */
function settleSession(draft: Draft, proposalId: ProposalId): void {
  plugins(draft).consensus.forget(proposalId);
  const { queues } = draft.state;
  if (queues.resolved.includes(proposalId)) return;
  draft.state.queues = { ...queues, resolved: [...queues.resolved, proposalId].slice(-MAX_RESOLVED_PROPOSALS) };
}
