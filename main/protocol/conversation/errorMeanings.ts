/**
 * What the errors of §19.2 to 19.4 mean where they end as a counter: a line for each code. Knows codes only.
 */
import type { ConsensusErrorCode } from '../consensus/errors.ts';
import type { MlsErrorCode } from '../mls/errors.ts';
import type { ProtocolErrorCode } from './errors.ts';

/** §19.4. */
export const CONSENSUS_MEANINGS: Readonly<Record<ConsensusErrorCode, string>> = {
  InvalidConsensusThreshold: 'A share of votes that is none.',
  InvalidTimeout: 'A voting window that is none.',
  InvalidExpectedVotersCount: 'A proposal that asks nobody.',
  InvalidMaxRounds: 'A number of rounds that cannot be.',
  InvalidVoteSignature: 'A vote that its owner did not sign.',
  EmptySignature: 'A vote without a signature.',
  SignatureScheme: 'A signature of another kind than ours.',
  DuplicateVote: 'A vote of a member that voted already.',
  VoteExpired: 'A vote after its proposal had run out.',
  EmptyVoteOwner: 'A vote of nobody.',
  InvalidVoteHash: 'A vote that is not what its hash says.',
  EmptyVoteHash: 'A vote without a hash.',
  ProposalExpired: 'A proposal that has run out.',
  VoteProposalIdMismatch: 'A vote inside a proposal that it does not belong to.',
  ReceivedHashMismatch: 'A vote that does not follow the one that it answers.',
  ParentHashMismatch: 'A vote that does not follow the earlier one of its owner.',
  TimestampOlderThanCreationTime: 'A vote older than its proposal.',
  InvalidVoteTimestamp: 'A vote of a time that cannot be.',
  UserAlreadyVoted: 'A rule wanted to vote where the person had.',
  SessionNotActive: 'A vote on what is decided.',
  SessionNotFound: 'A vote or decision on a proposal that we do not know any more.',
  ProposalAlreadyExist: 'A proposal that we know.',
  InsufficientVotesAtTimeout: 'A vote that ended undecided.',
  MaxRoundsExceeded: 'More votes than a proposal can have.',
  ConsensusNotReached: 'A decision that is not there yet.',
  ConsensusFailed: 'A vote that ended without a decision.',
  NotAMember: 'A proposal or vote of, or a removal of, somebody who is no member.',
  OwnerNotSender: 'A proposal or vote that somebody else sent than its owner.',
  ForeignEmbeddedVote: 'A proposal with votes of others inside.',
  ExpectedVotersMismatch: 'A proposal that asks more or fewer than all members.',
  EpochMismatch: 'A proposal that names another epoch than the one that it was made in.',
  VoteOfAnotherProposal: 'A vote on another content than the proposal of that id.',
  EquivocatingProposal: 'Two different proposals of one id.',
  ReservedProposalId: 'A proposal under the id of a member that may leave.',
  ProposalTimestampOutsideSkew: 'A proposal of a clock that differs too much from ours.',
  SessionCapacityExceeded: 'More votes are open than we hold.',
  InvalidSnapshot: 'A stored vote that cannot be read.',
};

/** §19.3. */
export const MLS_MEANINGS: Readonly<Record<MlsErrorCode, string>> = {
  TooLarge: 'It is over its size.',
  Malformed: 'It is not what MLS expects there.',
  Tampered: 'It claims our group and epoch, and does not verify.',
  TooFarAhead: 'It is too far ahead of the last one of its sender.',
  UnsupportedKeyPackage: 'The key package is of another version or suite.',
  InvalidKeyPackage: 'The key package has an invalid signature or key.',
  KeyPackageLifetime: 'The key package is not valid now, or for too long.',
  InvalidCredential: 'It is of somebody who cannot be a member.',
  InvalidBinding: 'The device key is not vouched for by its member.',
  DuplicateIdentity: 'That person is a member already.',
  DuplicateKey: 'The key is in the group already.',
  WelcomeRefused: 'The welcome must not be followed.',
  OwnRemoval: 'Nobody can commit the own removal.',
  NoChanges: 'There was nothing left to commit.',
  TooManyUpdates: 'It has more changes than a commit may.',
  GroupFull: 'The group is full.',
  NotNextEpoch: 'It is not the following epoch: a bug.',
  DamagedState: 'Stored state is damaged.',
  OtherDevice: 'Stored state is of another device.',
  ForeignValue: 'A value that MLS did not make: a bug.',
  Internal: 'The MLS library failed: a bug.',
};

/** §19.2. */
export const PROTOCOL_MEANINGS: Readonly<Record<ProtocolErrorCode, string>> = {
  ConversationAlreadyExists: 'There is a conversation of that id.',
  ConversationNotFound: 'There is no conversation of that id.',
  ConversationBlocked: 'The state of the conversation does not allow it now.',
  PartialFreeze: 'It has to wait until an emergency is decided.',
  UserAlreadyVoted: 'A rule wanted to vote where the person had.',
  SessionNotFound: 'A vote or decision on a proposal that we do not know any more.',
  SessionNotActive: 'A vote on what is decided.',
  InvalidConfig: 'Rules that do not fit together.',
  NotAMember: 'It is about somebody who is no member.',
  CannotRemoveSelf: 'Leaving is not removing oneself.',
  AlreadyProposed: 'The same is proposed or approved already.',
  TextTooLarge: 'A text over its length.',
  TooMuchQueued: 'More messages wait than we hold.',
  TooManyProposals: 'Too many votes are open.',
  DamagedState: 'Stored state is damaged.',
  IllegalTransition: 'A change of state that the table lacks: a bug.',
};
