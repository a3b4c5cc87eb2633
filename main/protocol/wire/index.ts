/** The doors of the wire folder; everything else in it is private, the generated code too. */
export { decodeAppMessage, encodeAppMessage, type AppMessageInit } from './appMessage.ts';
export { decodeCatchUpFrame, encodeCatchUpFrame } from './catchUp.ts';
export {
  commitHash,
  decodeCommitCandidate,
  encodeCommitCandidate,
  type CommitCandidateInit,
} from './commitCandidate.ts';
export { decodeProposal, decodeVote, encodeProposal, encodeVote, encodeVoteForSigning } from './consensusObjects.ts';
export { contentTopic, isConversationId, parseContentTopic, type ContentTopic, type Subtopic } from './contentTopic.ts';
export { decodeConversationSync, encodeConversationSync, type ConversationSyncInit } from './conversationSync.ts';
export {
  decodeHello,
  decodeInviteOffer,
  decodeInviteOfferReply,
  encodeHello,
  encodeInviteOffer,
  encodeInviteOfferReply,
} from './direct.ts';
export { WireError, type WireErrorCode } from './errors.ts';
export { decodeInviteLink, encodeInviteLink, type Invite } from './inviteLink.ts';
export { decodeDecisionEvidence, decodeJournalRecord, encodeDecisionEvidence, encodeJournalRecord } from './journal.ts';
export { decodeScoreEvidence, encodeScoreEvidence } from './scoreEvidence.ts';
export {
  decodeConversationUpdateRequest,
  encodeConversationUpdateRequest,
  type ConversationUpdateRequestInit,
} from './updateRequest.ts';
export { decodeWelcomeMessage, encodeWelcomeMessage } from './welcomeMessage.ts';
export {
  CatchUpKind,
  type CatchUpFrame,
  type CatchUpOffer,
  type CatchUpPackets,
  type CatchUpStanding,
} from './generated/conclave/v1/catch_up_pb.js';
export type { Hello, InviteOffer, InviteOfferReply } from './generated/conclave/v1/conclave_pb.js';
export type { DecisionEvidence, JournalEntry, JournalRecord } from './generated/conclave/v1/journal_pb.js';
export type { Proposal, Vote } from './generated/consensus/v1/consensus_pb.js';
export {
  ViolationType,
  type AppMessage,
  type BanRequest,
  type CommitAttestation,
  type CommitCandidate,
  type Acknowledgements,
  type ConversationMessage,
  type ConversationSync,
  type ConversationUpdateRequest,
  type DecisionCertificate,
  type EmergencyCriteriaProposal,
  type EpochBeacon,
  type InvitationToJoin,
  type InviteMember,
  type InviteReset,
  type InviteState,
  type MemberName,
  type MemberNotice,
  type PeerScore,
  type RemoveMember,
  type StewardElectionProposal,
  type SyncRequest,
  type TimingConfig,
  type UserKeyPackage,
  type ViolationEvidence,
  type WelcomeMessage,
} from './generated/de_mls/messages/v1/messages_pb.js';
