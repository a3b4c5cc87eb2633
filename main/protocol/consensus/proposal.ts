/** One proposal: building, checking, and what makes a self-leave (§10.3, §10.5, §8.4, H-20, H-22). Knows no session. */
import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { MAX_CLOCK_SKEW_MS, MAX_PROPOSAL_LIFETIME_SECONDS } from '../../../shared/limits.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import { ProposalSchema } from '../wire/generated/consensus/v1/consensus_pb.js';
import {
  decodeConversationUpdateRequest,
  encodeConversationUpdateRequest,
  encodeProposal,
  WireError,
  type Proposal,
  type Vote,
} from '../wire/index.ts';
import { bytesEqual } from './bytes.ts';
import type { SignatureScheme } from './contract.ts';
import { ConsensusError } from './errors.ts';
import { selfLeaveId, selfLeaveName } from './identifiers.ts';
import { validateVote, validateVoteChain } from './vote.ts';

const MAX_U64 = (1n << 64n) - 1n;
const FIRST_ROUND = 1;

export interface ProposalDraft {
  readonly name: string;
  readonly payload: Uint8Array;
  readonly proposalId: ProposalId;
  readonly owner: MemberId;
  readonly expectedVoters: number;
  /** Whole seconds; a fraction is dropped (D-19). */
  readonly expirySeconds: number;
  readonly livenessCriteriaYes: boolean;
  /** The epoch whose members are asked. */
  readonly epoch: bigint;
  readonly now: number;
}

/** Round 1, no votes, absolute expiry. Throws InvalidExpectedVotersCount, InvalidTimeout. §10.3 */
export function buildProposal(draft: ProposalDraft): Proposal {
  if (!(Number.isInteger(draft.expectedVoters) && draft.expectedVoters >= 1)) {
    throw new ConsensusError('InvalidExpectedVotersCount', { expectedVoters: draft.expectedVoters });
  }
  const lifetime = Math.floor(draft.expirySeconds);
  if (!(lifetime >= 1)) throw new ConsensusError('InvalidTimeout', { expirySeconds: draft.expirySeconds });
  const timestamp = toSeconds(draft.now);
  const expiration = Number.isFinite(lifetime) ? timestamp + BigInt(lifetime) : MAX_U64;
  return create(ProposalSchema, {
    name: draft.name,
    payload: draft.payload,
    proposalId: draft.proposalId,
    proposalOwner: memberIdToBytes(draft.owner),
    expectedVotersCount: draft.expectedVoters,
    round: FIRST_ROUND,
    timestamp,
    expirationTimestamp: expiration > MAX_U64 ? MAX_U64 : expiration,
    livenessCriteriaYes: draft.livenessCriteriaYes,
    epoch: draft.epoch,
  });
}

/** The proposal by which a member takes itself out: fixed id and name, one voter, silence counts yes. §8.4 */
export function buildSelfLeave(owner: MemberId, expirySeconds: number, epoch: bigint, now: number): Proposal {
  const proposalId = selfLeaveId(owner);
  return buildProposal({
    name: selfLeaveName(proposalId),
    payload: encodeConversationUpdateRequest({
      payload: { case: 'removeMember', value: { identity: memberIdToBytes(owner) } },
    }),
    proposalId,
    owner,
    expectedVoters: 1,
    expirySeconds,
    livenessCriteriaYes: true,
    epoch,
    now,
  });
}

/** Whether this is `member`'s own self-leave: its id, one voter, and nothing but its own removal inside. §8.4, §18.2 */
export function isSelfLeaveOf(proposal: Proposal, member: MemberId): boolean {
  if (proposal.proposalId !== selfLeaveId(member) || proposal.expectedVotersCount !== 1) return false;
  const identity = memberIdToBytes(member);
  return bytesEqual(proposal.proposalOwner, identity) && removes(proposal.payload, identity);
}

/** Expiry, embedded votes, chain, in the order of §10.5; then the clock (H-22). */
export function validateProposal(proposal: Proposal, now: number, scheme: SignatureScheme): void {
  const nowSeconds = toSeconds(now);
  if (nowSeconds >= proposal.expirationTimestamp) throw new ConsensusError('ProposalExpired');
  for (const vote of proposal.votes) {
    if (vote.proposalId !== proposal.proposalId) throw new ConsensusError('VoteProposalIdMismatch');
    validateVote(vote, proposal, nowSeconds, scheme);
    checkVoteBinding(vote, proposal);
  }
  validateVoteChain(proposal.votes);
}

/** Throws ProposalTimestampOutsideSkew, InvalidTimeout. H-22 */
export function validateProposalClock(proposal: Proposal, now: number): void {
  const aheadMs = proposal.timestamp * 1000n - BigInt(Math.floor(now));
  const skew = BigInt(MAX_CLOCK_SKEW_MS);
  if (aheadMs > skew || aheadMs < -skew) throw new ConsensusError('ProposalTimestampOutsideSkew', { aheadMs });
  const lifetime = proposal.expirationTimestamp - proposal.timestamp;
  if (lifetime < 1n || lifetime > BigInt(MAX_PROPOSAL_LIFETIME_SECONDS)) {
    throw new ConsensusError('InvalidTimeout', { lifetimeSeconds: lifetime });
  }
}

/**
 * What a vote signs of the proposal that it is about: SHA-256 of its encoding without votes and round. Ours: the vote of
 * §10.4 names the id alone, so a second payload under one id would inherit the votes of the first.
 */
export function proposalHash(proposal: Proposal): Uint8Array {
  return new Uint8Array(
    createHash('sha256')
      .update(encodeProposal({ ...proposal, votes: [], round: 0 }))
      .digest(),
  );
}

/** Throws VoteOfAnotherProposal unless the vote was cast on exactly this proposal. */
export function checkVoteBinding(vote: Vote, proposal: Proposal): void {
  if (!bytesEqual(vote.proposalHash, proposalHash(proposal))) throw new ConsensusError('VoteOfAnotherProposal');
}

/** Whether two proposals say the same, votes and round aside. H-1 (e) */
export function sameProposal(a: Proposal, b: Proposal): boolean {
  return bytesEqual(proposalHash(a), proposalHash(b));
}

/** Whole seconds of a time in ms. */
export function toSeconds(ms: number): bigint {
  return BigInt(Math.floor(ms / 1000));
}

function removes(payload: Uint8Array, identity: Uint8Array): boolean {
  try {
    const request = decodeConversationUpdateRequest(payload).payload;
    return request.case === 'removeMember' && bytesEqual(request.value.identity, identity);
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}
