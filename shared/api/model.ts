/**
 * The objects that methods answer with and events carry, as the App API shows them.
 * Knows nothing of how they are stored or computed.
 */
import { z } from 'zod';
import {
  conversationIdSchema,
  durationSchema,
  memberIdSchema,
  messageIdSchema,
  peerIdSchema,
  proposalIdSchema,
  timeSchema,
} from './common.ts';
import { conversationSettingsFieldsSchema } from './settings.ts';

/** What keeps a profile closed. Whatever it is, nothing that is stored was changed. */
export const problemCauseSchema = z.enum([
  /** No keychain answers; it is locked, or refuses; its entry is none of ours. */
  'keychainUnavailable',
  'keychainLocked',
  'keychainUnreadable',
  /** The keychain has another secret than the one that the messages were stored with. */
  'otherKey',
  /** The messages were stored with another secret, or their file is damaged from its beginning. */
  'unreadable',
  'damaged',
  'full',
  'inUse',
  /** Stored by a newer version of Conclave. */
  'newerVersion',
  'other',
]);
export type ProblemCause = z.infer<typeof problemCauseSchema>;

export const conversationStateSchema = z.enum([
  'pendingJoin',
  'working',
  'freezing',
  'selection',
  'reelection',
  'left',
]);
export type ConversationState = z.infer<typeof conversationStateSchema>;

export const memberRoleSchema = z.enum(['epochSteward', 'backupSteward', 'steward', 'member']);
export type MemberRole = z.infer<typeof memberRoleSchema>;

export const memberSchema = z.strictObject({
  memberId: memberIdSchema,
  displayName: z.string(),
  role: memberRoleSchema,
  score: z.int(),
  pendingLeave: z.boolean(),
  pendingRemoval: z.boolean(),
  online: z.boolean(),
  verified: z.boolean(),
  self: z.boolean(),
});
export type Member = z.infer<typeof memberSchema>;

export const proposalKindSchema = z.enum(['addMember', 'removeMember', 'stewardElection', 'emergency']);
export type ProposalKind = z.infer<typeof proposalKindSchema>;

export const proposalVoteSchema = z.strictObject({
  memberId: memberIdSchema,
  displayName: z.string().optional(),
  approve: z.boolean(),
  at: timeSchema,
  /** True when a rule of the group cast the vote, not the person (known of one's own votes only). */
  byRule: z.boolean().optional(),
});
export type ProposalVote = z.infer<typeof proposalVoteSchema>;

export const proposalSchema = z.strictObject({
  proposalId: proposalIdSchema,
  reason: z.string().optional(),
  kind: proposalKindSchema,
  target: memberIdSchema.optional(),
  targetName: z.string().optional(),
  /** What an emergency says happened, such as SCORE_BELOW_THRESHOLD. */
  violation: z.string().optional(),
  /** The list that an election proposes, and its attempt within this epoch. */
  stewards: z.array(memberIdSchema).optional(),
  retryRound: z.int().optional(),
  proposer: memberIdSchema,
  proposerName: z.string().optional(),
  createdAt: timeSchema,
  /** When the voting window closes: what is undecided then is decided by what silence counts as. */
  expiresAt: timeSchema,
  votes: z.array(proposalVoteSchema),
  expectedVoters: z.int(),
  needed: z.int(),
  /** What silence will count as when the window closes. */
  silenceCountsAsYes: z.boolean().optional(),
  /** True where clients answer by themselves on what they saw (elections, emergencies): this person is not asked. */
  votedByClients: z.boolean().optional(),
  /** True for a member's own leave: nobody is asked. */
  selfLeave: z.boolean().optional(),
  outcome: z.enum(['open', 'accepted', 'rejected', 'failed']),
  decidedAt: timeSchema.optional(),
  ownVote: z.boolean().optional(),
});
export type Proposal = z.infer<typeof proposalSchema>;

/** One line of the group's journal; the optional fields are those that its kind needs. */
export const governanceEntrySchema = z.strictObject({
  at: timeSchema,
  /** The group's change counter when it happened. */
  epoch: z.int(),
  kind: z.enum([
    'proposed',
    'voted',
    'decided',
    'committed',
    'elected',
    'scored',
    'joined',
    'left',
    'forked',
    'healed',
    /** A member came with a device that it was not known with: on this machine only, never in the journal. */
    'deviceChanged',
    /** Messages of a member that nobody in the group has any more: on this machine only. */
    'lost',
  ]),
  proposalId: proposalIdSchema.optional(),
  proposalKind: proposalKindSchema.optional(),
  /** Whom it is about. */
  target: memberIdSchema.optional(),
  targetName: z.string().optional(),
  /** Who did it: the proposer, the voter, the committing steward. */
  actor: memberIdSchema.optional(),
  actorName: z.string().optional(),
  reason: z.string().optional(),
  /** What an emergency proposal accuses its target of. */
  violation: z.string().optional(),
  approve: z.boolean().optional(),
  outcome: z.enum(['accepted', 'rejected', 'failed']).optional(),
  /**
   * Which rule decided: enough explicit votes, the end of the window, or a member's own wish; `attested` where this node knows of no
   * vote and followed because so many members signed that they had carried it out that an honest one was among them.
   */
  rule: z.enum(['votes', 'timeout', 'selfLeave', 'created', 'welcome', 'attested']).optional(),
  votes: z.array(proposalVoteSchema).optional(),
  expectedVoters: z.int().optional(),
  needed: z.int().optional(),
  /** Why a `left` happened. */
  cause: z.enum(['left', 'removed', 'expired']).optional(),
  /** The proposer of the change that a `joined` or `left` carries out. */
  proposer: memberIdSchema.optional(),
  proposerName: z.string().optional(),
  /** The committed commit, as hex of its SHA-256. */
  commitHash: z.string().optional(),
  /** Of a `lost`: how many messages. */
  missing: z.int().min(1).optional(),
  /** Of our own `joined` when we come in again: the time of the last message that we had. */
  missedSince: timeSchema.optional(),
  score: z.int().optional(),
  delta: z.int().optional(),
  scoreEvent: z.string().optional(),
  stewards: z.array(memberIdSchema).optional(),
  /** Of an election: the epoch and the round that its list is made for. */
  electionEpoch: z.int().optional(),
  retryRound: z.int().optional(),
  /** Whether the group's journal here holds the signed votes, so that a stranger can check them. */
  evidence: z.boolean().optional(),
  /** SHA-256 of this line and the hash of the one before it, as hex; only in `governance.log`. */
  hash: z.string().optional(),
});
export type GovernanceEntry = z.infer<typeof governanceEntrySchema>;

const checkedMemberSchema = z.strictObject({ memberId: memberIdSchema, displayName: z.string().optional() });
const checkedChangeSchema = checkedMemberSchema.extend({ removed: z.boolean() });

/** One decision behind a change, as every signature in it says. */
export const checkedDecisionSchema = z.strictObject({
  proposalId: proposalIdSchema,
  proposer: checkedMemberSchema,
  /** What decided: enough signed votes, what silence counted as, or the member's own signed wish to go. */
  by: z.enum(['votes', 'silence', 'selfLeave']),
  /** Who was asked; absent where only their number is known. */
  asked: z.array(checkedMemberSchema).optional(),
  expected: z.int(),
  needed: z.int(),
  silenceCountsAsYes: z.boolean(),
  openedAt: timeSchema,
  closesAt: timeSchema,
  votes: z.array(checkedMemberSchema.extend({ approve: z.boolean(), at: timeSchema })),
  /** The changes that it asks for. */
  covers: z.array(checkedChangeSchema),
});
export type CheckedDecision = z.infer<typeof checkedDecisionSchema>;

/** What was found when a change of members was checked anew, from signatures alone. */
export const decisionCheckSchema = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('holds'),
    /** Where this copy of the journal begins: at the creation of the group, or where its owner was let in. */
    beginning: z.strictObject({ isCreation: z.boolean(), epoch: z.int(), members: z.array(checkedMemberSchema) }),
    /** Changes of the group that were checked on the way, this one included. */
    checked: z.int(),
    /** The group's change counter after the change. */
    epoch: z.int(),
    commitHash: z.string(),
    committer: checkedMemberSchema,
    /** How many members there were before. */
    members: z.int(),
    changes: z.array(checkedChangeSchema),
    decisions: z.array(checkedDecisionSchema),
    /** Changes whose votes this copy lacks, and that two thirds of the members signed to have carried out. */
    attested: z.array(checkedChangeSchema),
  }),
  z.strictObject({
    outcome: z.literal('refuted'),
    /** Which record is wrong, counted from the beginning of the copy. */
    record: z.int(),
    /** What is wrong with it: a name of the journal's faults. */
    fault: z.string(),
    /** Whose doing, or whose vote. */
    member: checkedMemberSchema.optional(),
  }),
]);
export type DecisionCheck = z.infer<typeof decisionCheckSchema>;

export const messageSchema = z.strictObject({
  messageId: messageIdSchema,
  conversationId: conversationIdSchema,
  sender: memberIdSchema,
  /** The name that the sender had when the message was stored. */
  senderName: z.string().optional(),
  sentAt: timeSchema,
  receivedAt: timeSchema,
  text: z.string(),
  replyTo: messageIdSchema.optional(),
  /** `delivered`: everybody who is to have it has it. */
  status: z.enum(['pending', 'sent', 'delivered']),
  /** Of an own message: who acknowledged it. */
  deliveredTo: z.array(memberIdSchema).optional(),
  /** Of an own message: how many are to have it, those who have it included. */
  expected: z.int().min(0).optional(),
  /** Set for a line that the app itself wrote about a change of members. */
  system: governanceEntrySchema.optional(),
});
export type Message = z.infer<typeof messageSchema>;

export const conversationSummarySchema = z.strictObject({
  id: conversationIdSchema,
  name: z.string(),
  state: conversationStateSchema,
  unread: z.int(),
  lastMessage: messageSchema.optional(),
  memberCount: z.int(),
  /** The system does not tell of it. */
  muted: z.literal(true).optional(),
  /** Open votes that wait for this person. */
  pendingVotes: z.int().optional(),
  /** Of the messages that this person has read, the last to arrive. */
  readUpTo: messageIdSchema.optional(),
});
export type ConversationSummary = z.infer<typeof conversationSummarySchema>;

export const freezeProgressSchema = z.strictObject({ received: z.int(), expected: z.int() });

/** Messages of a member that are known by their number and have not come. */
export const gapSchema = z.strictObject({ sender: memberIdSchema, missing: z.int().min(0) });

/** What a joiner knows while it waits. */
export const waitingSchema = z.strictObject({
  invitedBy: memberIdSchema,
  invitedByName: z.string(),
  since: timeSchema,
  expiresAt: timeSchema,
  /** Whether at least one peer of the group took the announcement. */
  announced: z.boolean(),
});

export const conversationDetailSchema = z.strictObject({
  id: conversationIdSchema,
  name: z.string(),
  state: conversationStateSchema,
  mode: z.enum(['normal', 'recovery']),
  epoch: z.int(),
  /** Head of the group's journal as hex: equal at all members of an epoch. Absent while it is not known. */
  journalHead: z.string().optional(),
  epochAuthenticator: z.string(),
  electionEpoch: z.int(),
  retryRound: z.int(),
  members: z.array(memberSchema),
  stewards: z.array(memberIdSchema),
  openProposals: z.array(proposalSchema),
  approvedProposals: z.array(proposalSchema),
  freeze: freezeProgressSchema.nullable(),
  settings: conversationSettingsFieldsSchema,
  self: memberIdSchema,
  /** The newest message that this person has read. */
  readUpTo: messageIdSchema.optional(),
  waiting: waitingSchema.optional(),
  /** Messages that have not reached this node yet; absent when none is known. */
  gaps: z.array(gapSchema).optional(),
  /** Why and when this conversation ended for us; only in state `left`. */
  ended: z
    .strictObject({
      at: timeSchema,
      cause: z.enum(['left', 'removed', 'expired']),
      proposal: proposalSchema.optional(),
    })
    .optional(),
});
export type ConversationDetail = z.infer<typeof conversationDetailSchema>;

export const peerSchema = z.strictObject({
  peerId: peerIdSchema,
  memberId: memberIdSchema.optional(),
  displayName: z.string().optional(),
  addresses: z.array(z.string()),
  connected: z.boolean(),
  roundTripMs: durationSchema.optional(),
});
export type Peer = z.infer<typeof peerSchema>;

/** Whether this node's log of a group is the one that it wrote; `at` is the position of the first line that is not. */
export const logStateSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('intact'), length: z.int() }),
  z.strictObject({ state: z.literal('broken'), at: z.int() }),
]);

/** Why a group does what it does: for people who look for a fault. */
export const conversationDiagnosticsSchema = z.strictObject({
  state: conversationStateSchema,
  mode: z.enum(['normal', 'recovery']),
  epoch: z.int(),
  electionEpoch: z.int(),
  retryRound: z.int(),
  /** Candidates of the freeze that runs. */
  round: z.strictObject({ received: z.int(), expected: z.int() }).nullable(),
  journalHead: z.string().optional(),
  log: logStateSchema,
  queues: z.record(z.string(), z.int()),
  /** What arrived, or was wanted, and changed nothing, since this node started; the most frequent first. */
  counters: z.array(z.strictObject({ reason: z.string(), count: z.int(), meaning: z.string() })),
});
export type ConversationDiagnostics = z.infer<typeof conversationDiagnosticsSchema>;

export const networkDiagnosticsSchema = z.strictObject({
  listenAddresses: z.array(z.string()),
  interfaces: z.array(
    z.strictObject({
      name: z.string(),
      address: z.string(),
      family: z.enum(['IPv4', 'IPv6']),
      usable: z.boolean(),
      reason: z.string().optional(),
    }),
  ),
  mdns: z.strictObject({
    enabled: z.boolean(),
    sockets: z.array(z.strictObject({ interface: z.string(), state: z.string(), error: z.string().optional() })),
    lastAnswerAt: timeSchema.optional(),
  }),
  peers: z.array(peerSchema),
  topics: z.array(z.strictObject({ conversationId: conversationIdSchema, subscribers: z.int() })),
  counters: z.record(z.string(), z.int()),
  /** The network doctor's sentence. */
  advice: z.string(),
});
export type NetworkDiagnostics = z.infer<typeof networkDiagnosticsSchema>;
