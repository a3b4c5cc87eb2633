/**
 * One vote: building, hashing, signing, checking, and the chain that votes form (§10.4, §10.5).
 * Knows no session: the proposal and the time are handed in.
 */
import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import { bytesEqual } from './bytes.ts';
import { VoteSchema } from '../wire/generated/consensus/v1/consensus_pb.js';
import { encodeVoteForSigning, type Proposal, type Vote } from '../wire/index.ts';
import type { SignatureScheme, VoteSigner } from './contract.ts';
import { ConsensusError } from './errors.ts';

const NO_HASH = new Uint8Array();

/** SHA-256 over the vote's content, little-endian numbers. §10.4 */
export function voteHash(vote: Vote): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(16));
  numbers.setUint32(0, vote.voteId, true);
  numbers.setUint32(4, vote.proposalId, true);
  numbers.setBigUint64(8, vote.timestamp, true);
  return new Uint8Array(
    createHash('sha256')
      .update(new Uint8Array(numbers.buffer, 0, 4))
      .update(vote.voteOwner)
      .update(new Uint8Array(numbers.buffer, 4, 4))
      .update(new Uint8Array(numbers.buffer, 8, 8))
      .update(Uint8Array.of(vote.vote ? 1 : 0))
      .update(vote.parentHash)
      .update(vote.receivedHash)
      .digest(),
  );
}

export interface VoteDraft {
  readonly voteId: number;
  readonly proposalId: number;
  /** Of the proposal that the choice is about. */
  readonly proposalHash: Uint8Array;
  readonly timestampSeconds: bigint;
  readonly choice: boolean;
  /** Votes that we know already, in order. */
  readonly votes: readonly Vote[];
}

/** A signed vote, chained behind the votes that we know. §10.4 */
export function buildVote(draft: VoteDraft, signer: VoteSigner): Vote {
  const voteOwner = memberIdToBytes(signer.memberId);
  const vote = create(VoteSchema, {
    voteId: draft.voteId,
    voteOwner,
    proposalId: draft.proposalId,
    timestamp: draft.timestampSeconds,
    vote: draft.choice,
    proposalHash: draft.proposalHash,
    parentHash: draft.votes.findLast((other) => bytesEqual(other.voteOwner, voteOwner))?.voteHash ?? NO_HASH,
    receivedHash: draft.votes.at(-1)?.voteHash ?? NO_HASH,
  });
  vote.voteHash = voteHash(vote);
  vote.signature = signer.sign(encodeVoteForSigning(vote));
  return vote;
}

/** What of a vote can be checked without a clock: owner, hash, signature. Returns the owner. §10.5 */
export function validateVoteContent(vote: Vote, scheme: SignatureScheme): MemberId {
  if (vote.voteOwner.length === 0) throw new ConsensusError('EmptyVoteOwner');
  if (vote.voteHash.length === 0) throw new ConsensusError('EmptyVoteHash');
  if (vote.signature.length === 0) throw new ConsensusError('EmptySignature');
  if (!bytesEqual(vote.voteHash, voteHash(vote))) throw new ConsensusError('InvalidVoteHash');
  const owner = ownerOf(vote.voteOwner);
  switch (scheme.verify(owner, encodeVoteForSigning(vote), vote.signature)) {
    case 'valid':
      return owner;
    case 'otherSigner':
      throw new ConsensusError('InvalidVoteSignature');
    case 'malformed':
      throw new ConsensusError('SignatureScheme');
  }
}

/** All checks of one vote in the order of §10.5; `nowSeconds` is the receiver's clock. Returns the owner. */
export function validateVote(
  vote: Vote,
  proposal: Pick<Proposal, 'timestamp' | 'expirationTimestamp'>,
  nowSeconds: bigint,
  scheme: SignatureScheme,
): MemberId {
  const owner = validateVoteContent(vote, scheme);
  if (vote.timestamp < proposal.timestamp) throw new ConsensusError('TimestampOlderThanCreationTime');
  if (vote.timestamp > proposal.expirationTimestamp || nowSeconds > proposal.expirationTimestamp) {
    throw new ConsensusError('VoteExpired');
  }
  return owner;
}

/** The hashes that tie the votes of one list together. Throws ReceivedHashMismatch, ParentHashMismatch. §10.5 */
export function validateVoteChain(votes: readonly Vote[]): void {
  if (votes.length <= 1) return;
  for (const [index, vote] of votes.entries()) {
    const previous = votes[index - 1];
    if (previous !== undefined && vote.receivedHash.length > 0) {
      if (!bytesEqual(vote.receivedHash, previous.voteHash) || previous.timestamp > vote.timestamp) {
        throw new ConsensusError('ReceivedHashMismatch');
      }
    }
    if (vote.parentHash.length > 0 && !votes.slice(0, index).some((earlier) => isParent(earlier, vote))) {
      throw new ConsensusError('ParentHashMismatch');
    }
  }
}

function isParent(earlier: Vote, vote: Vote): boolean {
  return (
    bytesEqual(earlier.voteHash, vote.parentHash) &&
    bytesEqual(earlier.voteOwner, vote.voteOwner) &&
    earlier.timestamp <= vote.timestamp
  );
}

function ownerOf(bytes: Uint8Array): MemberId {
  try {
    return memberIdFromBytes(bytes);
  } catch {
    // Not 20 bytes: nobody of this scheme can have signed it.
    throw new ConsensusError('SignatureScheme');
  }
}
