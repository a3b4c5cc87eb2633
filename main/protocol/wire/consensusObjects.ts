/**
 * Encodings of the consensus objects Proposal and Vote (§6.2) with their limits (§18.5).
 * Whether they are valid, signed and timely is the consensus folder's question.
 */
import {
  MAX_HASH_BYTES,
  MAX_MEMBERS,
  MAX_PACKET_BYTES,
  MAX_PROPOSAL_NAME_BYTES,
  MAX_PROPOSAL_PAYLOAD_BYTES,
  MAX_SIGNATURE_BYTES,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostItems, atMostTextBytes, identityBytes } from './checks.ts';
import { encodeCanonical, messageCodec } from './codec.ts';
import { ProposalSchema, VoteSchema } from './generated/consensus/v1/consensus_pb.js';
import type { Proposal, Vote } from './generated/consensus/v1/consensus_pb.js';

/** Limits of one vote. Throws WireError TooLarge. */
export function checkVote(vote: Vote): void {
  identityBytes('vote_owner', vote.voteOwner);
  atMostBytes('parent_hash', vote.parentHash, MAX_HASH_BYTES);
  atMostBytes('received_hash', vote.receivedHash, MAX_HASH_BYTES);
  atMostBytes('vote_hash', vote.voteHash, MAX_HASH_BYTES);
  atMostBytes('signature', vote.signature, MAX_SIGNATURE_BYTES);
  atMostBytes('proposal_hash', vote.proposalHash, MAX_HASH_BYTES);
}

/** Limits of one proposal and its votes. Throws WireError TooLarge. */
export function checkProposal(proposal: Proposal): void {
  atMostTextBytes('name', proposal.name, MAX_PROPOSAL_NAME_BYTES);
  atMostBytes('payload', proposal.payload, MAX_PROPOSAL_PAYLOAD_BYTES);
  identityBytes('proposal_owner', proposal.proposalOwner);
  atMostItems('votes', proposal.votes, MAX_MEMBERS);
  for (const vote of proposal.votes) checkVote(vote);
}

const proposalCodec = messageCodec(ProposalSchema, MAX_PACKET_BYTES, checkProposal);
const voteCodec = messageCodec(VoteSchema, MAX_PACKET_BYTES, checkVote);

export const encodeProposal = proposalCodec.encode;
export const decodeProposal = proposalCodec.decode;
export const encodeVote = voteCodec.encode;
export const decodeVote = voteCodec.decode;

/** What a voter signs: the vote with `vote_hash` and without `signature`. §10.4 */
export function encodeVoteForSigning(vote: Vote): Uint8Array {
  return encodeCanonical(VoteSchema, { ...vote, signature: new Uint8Array() });
}
