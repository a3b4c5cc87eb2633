/**
 * Why something that arrived, or that we wanted, changed nothing: every name that is counted (§19.1), with what it means. The
 * errors of §19.2 to 19.4 are counted under their codes. Knows names only; adding one here is all that a new reason takes.
 */
import type { ConsensusErrorCode } from '../consensus/errors.ts';
import type { MlsErrorCode } from '../mls/errors.ts';
import { CONSENSUS_MEANINGS, MLS_MEANINGS, PROTOCOL_MEANINGS } from './errorMeanings.ts';
import type { ProtocolErrorCode } from './errors.ts';

/** Names of §19.1 and of our own rules. */
const NO_OP_MEANINGS = {
  // Packets and messages (§18.2).
  UnknownAppMessage: 'A message of a kind that we do not handle, or that must not travel this way.',
  MessageError: 'Bytes that are no message.',
  TooLarge: 'Over the size that a packet or value may have.',
  OwnEcho: 'Our own packet came back.',
  DecryptIgnored: 'A message of an epoch or group that we cannot read, or one that we read before.',
  UnexpectedMlsType: 'An MLS handshake where only application messages travel.',
  Parked: 'A message of a later epoch waits for its commit.',
  ChatMalformed: 'A chat message without text or id.',
  NumberRefused: 'A number of a message that is too far from all that its author said before.',
  AcknowledgementRefused: 'Somebody acknowledged what we did not say.',
  SettleOverrun: 'A step did not come to rest: a bug.',

  // Proposals and votes (§18.4, H-1, H-5, H-9).
  FastPathRejected: 'Somebody claimed to be the only voter of a decision that needs the group.',
  InvalidConversationUpdateRequest: 'A proposal asks for nothing that we know.',
  ProposalIdUsed: 'A proposal under the id of a vote that was decided before.',
  LivenessMismatch: 'A proposal lets silence count differently from the rules of the group.',
  ElectionOutdated: 'A steward election of another epoch than ours.',
  ElectionNotInstalled: 'An accepted election whose list cannot be: others than members, or not the computed order.',
  ElectionNotCalled:
    'An election that failed and that nothing had called for, or out of turn: no attempt of the group.',
  ElectionWithoutProof: 'An accepted election without the votes that prove it.',
  DeadlockWithoutProof: 'An accepted deadlock without the votes that prove it.',
  EmergencyCreatorForged: 'An emergency in the name of another member than its sender.',
  EmergencyEpoch: 'An emergency of another epoch than ours.',
  EmergencyTarget: 'An emergency against its own creator, or against nobody of the group.',
  EmergencyEvidence: 'An emergency whose evidence is none.',
  EmergencyLimit: 'One emergency more than a member may open.',
  VoteBeforeProposal: 'A vote overtook its proposal and waits for it.',
  Equivocation: 'A member said two things in one place.',
  RuleNoLongerDecides: 'A vote that a rule would have cast is now for people to decide.',
  BanTargetNotMember: 'A wish to remove somebody who is no member.',
  BanRequestIgnored: 'A wish to remove somebody that is not for us to propose, or is proposed already.',

  // Decisions (§11.3, H-6, H-25).
  DecisionOutlived: 'The group changed while its members voted: the decision fits it no more.',
  AlreadyApproved: 'The change is approved or carried out already.',
  InviteRevoked: 'The link that let somebody in was made useless before the commit.',
  DecisionLapsed:
    'Nobody could carry out in its lifetime what the silence of members had decided; who wants it asks anew.',
  ApprovedEntryStale: 'An approved change was dropped before a commit because it makes no sense any more.',

  // Candidates (§14.3, H-7, H-12, H-26).
  OtherConversation: 'A candidate of another conversation.',
  EmptyCandidatePayload: 'A candidate without proposals or commit.',
  EmptyStewardIdentity: 'A candidate that names no member as its steward.',
  WireKindMismatch: 'A candidate whose parts are not what they should be in MLS.',
  StaleEpoch: 'A candidate for an epoch that is over.',
  AlreadyCommitted: 'A candidate that was applied already.',
  DuplicateBufferedHash: 'A candidate that is in this round already.',
  CandidateStashedEarly: 'A candidate waits for the approvals that it carries out.',
  CandidateNotAuthentic: 'A candidate that does not verify; nobody is blamed for it.',
  CandidateNotApplied: 'A candidate verified once, and did not apply when its turn came.',
  StewardIdentityForged: 'Somebody put another name beside a commit than that of its maker.',
  ForeignProposals: 'A commit of proposals that its maker did not make.',
  CommitterNotAuthorised: 'A commit by a member that may not commit now.',
  EquivocatingCandidate: 'Two different commits of one member in one round.',
  UrgentRemovalMissing: 'A commit that leaves an urgent removal out.',
  KeyPackageMismatch: 'A commit lets somebody in with another key package than the approved one.',
  ActionTwice: 'A commit that does one thing twice.',
  DecisionNoticeIgnored: 'A member told again what it holds for decided, or we do not know the rules yet.',
  CertificateRefused: 'A decision certificate that proves nothing to us.',
  RemovalOfLastMember: 'A removal that nobody would be left to commit.',

  // Beacons and forks (H-27, H-28).
  BeaconRefused: 'A beacon that says nothing, or that its sender did not sign.',
  AttestedCommit: 'Two thirds of the members had applied a commit whose votes we do not know.',
  Behind: 'The group is in a later epoch, and we have no commit that leads there.',
  AttestationRefused: 'Somebody who is no member, or did not sign it, is said to have applied a commit.',
  RolledBack: 'A commit was taken back for a better one of the same epoch.',
  RollbackSpent: 'A better commit for an epoch whose one rollback is over.',
  LateCandidateRefused: 'A candidate for the epoch before that is not approved, or not valid, there.',
  CandidateRanksBehind: 'A candidate for the epoch before that is no better than what we applied.',
  JournalDiffers: 'A member in our state has another journal of how the group came there.',
  ForkDetected: 'A member is in another state of an epoch than we are.',

  // Joining (H-10, H-33, H-37, H-49).
  NotSynced: 'We do not know the rules of the group yet.',
  InviteMacInvalid: 'An announcement by somebody without a valid invite.',
  AnnouncementRepeated: 'An announcement that we know.',
  AnnouncementRefused: 'An announcement of a key package that the group refused.',
  AnnouncementsLimited: 'More announcements in a minute than we look at.',
  AnnouncementIgnored: 'An announcement of somebody else, while we wait to join.',
  JoinUnderVote: 'Another key package of a joiner whose vote runs.',
  PendingUpdatesFull: 'More joiners wait than we remember.',
  IdentityMismatch: 'A key package of another person than the request names.',
  KeyPackageUsed: 'A key package that let somebody in before.',
  KeyPackageOutdated: 'A key package older than the one that its member came in with.',
  OwnRejoin: 'Somebody asks that we come in again.',
  WelcomeIgnored: 'A welcome, while we are a member.',
  EmptyWelcomePayload: 'An invitation without a welcome.',
  WelcomeNotForUs: 'A welcome for somebody else.',
  WelcomeTooLarge: 'Our welcome does not fit into a packet.',
  InviteResetRefused: 'A reset of the invite link that cannot be.',
  InviteResetOutdated: 'A reset of the invite link that a later one replaced.',

  // ConversationSync (§17, H-15, H-17).
  SyncIgnored: 'A sync that we did not ask for.',
  SyncFromOther: 'A sync by another member than the one that let us in.',
  SyncRequestIgnored: 'A request for a sync that is not ours to answer.',
  SyncProfile: 'A sync of another profile of the protocol.',
  SyncElectionEpoch: 'A sync with stewards elected in an epoch to come.',
  SyncSettings: 'A sync whose rules are out of range or do not fit together.',
  SyncName: 'A sync without a valid name.',
  SyncRetryRound: 'A sync beyond the last round of an election.',
  SyncIdentity: 'A sync that names somebody who cannot be a member.',
  EmptyMembersList: 'A sync with a steward list that is empty or too long.',
  SyncNoStewardPresent: 'A sync none of whose stewards is a member.',
  SyncListOrder: 'A sync with a steward list in another order than the generated one.',
  SyncScore: 'A sync with a score out of range.',
  SyncInvite: 'A sync with an invite secret that cannot be.',
} as const satisfies Readonly<Record<string, string>>;

export type NoOpReason = keyof typeof NO_OP_MEANINGS;

/** Every name that a counter can have. Bare MLS codes are of key packages; with a prefix, of messages and of our own commits. */
export type Reason =
  | NoOpReason
  | ProtocolErrorCode
  | ConsensusErrorCode
  | MlsErrorCode
  | `Mls${MlsErrorCode}`
  | `Candidate${MlsErrorCode}`;

export type Counters = Readonly<Partial<Record<Reason, number>>>;

/** Every reason with its one line. */
export const REASONS: Readonly<Record<Reason, string>> = {
  ...MLS_MEANINGS,
  ...prefixed('Mls', 'A message did not decrypt.'),
  ...prefixed('Candidate', 'Our commit could not be made.'),
  ...CONSENSUS_MEANINGS,
  ...PROTOCOL_MEANINGS,
  ...NO_OP_MEANINGS,
};

function prefixed<Prefix extends string>(prefix: Prefix, what: string): Record<`${Prefix}${MlsErrorCode}`, string> {
  const entries = Object.entries(MLS_MEANINGS).map(([code, meaning]) => [`${prefix}${code}`, `${what} ${meaning}`]);
  return Object.fromEntries(entries) as Record<`${Prefix}${MlsErrorCode}`, string>;
}
