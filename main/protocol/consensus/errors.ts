/** Why consensus refused something (§19.4), as an error with a code. Knows no session. */

/** Codes of §19.4; the codes after the blank line are ours, for the checks of the hardened profile. */
export type ConsensusErrorCode =
  | 'InvalidConsensusThreshold'
  | 'InvalidTimeout'
  | 'InvalidExpectedVotersCount'
  | 'InvalidMaxRounds'
  | 'InvalidVoteSignature'
  | 'EmptySignature'
  | 'SignatureScheme'
  | 'DuplicateVote'
  | 'VoteExpired'
  | 'EmptyVoteOwner'
  | 'InvalidVoteHash'
  | 'EmptyVoteHash'
  | 'ProposalExpired'
  | 'VoteProposalIdMismatch'
  | 'ReceivedHashMismatch'
  | 'ParentHashMismatch'
  | 'TimestampOlderThanCreationTime'
  | 'InvalidVoteTimestamp'
  | 'UserAlreadyVoted'
  | 'SessionNotActive'
  | 'SessionNotFound'
  | 'ProposalAlreadyExist'
  | 'InsufficientVotesAtTimeout'
  | 'MaxRoundsExceeded'
  | 'ConsensusNotReached'
  | 'ConsensusFailed'
  | 'NotAMember' // H-1: the owner is not in the electorate
  | 'OwnerNotSender' // H-1: somebody else's proposal or vote
  | 'ForeignEmbeddedVote' // H-1: more than the proposer's own vote inside
  | 'ExpectedVotersMismatch' // H-1 (c)
  | 'EpochMismatch' // the proposal names another epoch than the one in which it was encrypted
  | 'VoteOfAnotherProposal' // the signed hash is not that of the proposal known under this id
  | 'EquivocatingProposal' // H-1 (e)
  | 'ReservedProposalId' // H-20
  | 'ProposalTimestampOutsideSkew' // H-22
  | 'SessionCapacityExceeded' // H-18
  | 'InvalidSnapshot';

/** The only error that consensus throws on purpose. */
export class ConsensusError extends Error {
  override readonly name = 'ConsensusError';
  readonly code: ConsensusErrorCode;
  readonly data: Readonly<Record<string, string | number | bigint>>;

  constructor(code: ConsensusErrorCode, data: Readonly<Record<string, string | number | bigint>> = {}) {
    super(`consensus: ${code}`);
    this.code = code;
    this.data = data;
  }
}
