/** The doors of the wire folder; everything else in it is private, the generated code too. */
export { decodeAppMessage, encodeAppMessage } from './appMessage.ts';
export { commitHash, decodeCommitCandidate, encodeCommitCandidate } from './commitCandidate.ts';
export { decodeProposal, decodeVote, encodeProposal, encodeVote, encodeVoteForSigning } from './consensusObjects.ts';
export { contentTopic, isConversationId, parseContentTopic, type ContentTopic, type Subtopic } from './contentTopic.ts';
export { decodeConversationSync, encodeConversationSync } from './conversationSync.ts';
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
export { decodeScoreEvidence, encodeScoreEvidence } from './scoreEvidence.ts';
export { decodeConversationUpdateRequest, encodeConversationUpdateRequest } from './updateRequest.ts';
export { decodeWelcomeMessage, encodeWelcomeMessage } from './welcomeMessage.ts';
export type { Hello, InviteOffer, InviteOfferReply } from './generated/conclave/v1/conclave_pb.js';
export type { Proposal, Vote } from './generated/consensus/v1/consensus_pb.js';
export {
  ViolationType,
  type AppMessage,
  type CommitCandidate,
  type ConversationMessage,
  type ConversationSync,
  type ConversationUpdateRequest,
  type DecisionCertificate,
  type EmergencyCriteriaProposal,
  type InvitationToJoin,
  type InviteMember,
  type InviteReset,
  type MemberNotice,
  type RemoveMember,
  type StewardElectionProposal,
  type SyncRequest,
  type UserKeyPackage,
  type ViolationEvidence,
  type WelcomeMessage,
} from './generated/de_mls/messages/v1/messages_pb.js';
