/**
 * Every method of the App API: what it takes and what it answers with. The types of the bridge, the handlers and the
 * headless node are inferred from this table. Names are fixed; methods may be added.
 */
import { z } from 'zod';
import { MAX_PAGE_SIZE, MAX_SEARCH_QUERY_LENGTH } from '../limits.ts';
import {
  addressSchema,
  conversationIdSchema,
  conversationNameSchema,
  displayNameSchema,
  draftTextSchema,
  emptySchema,
  inviteSchema,
  memberIdSchema,
  messageIdSchema,
  messageTextSchema,
  peerIdSchema,
  proposalIdSchema,
  reasonSchema,
  safetyNumberSchema,
  timeSchema,
} from './common.ts';
import { commitHashSchema } from './decisionFile.ts';
import {
  conversationDetailSchema,
  conversationDiagnosticsSchema,
  conversationSummarySchema,
  decisionCheckSchema,
  governanceEntrySchema,
  logStateSchema,
  messageSchema,
  networkDiagnosticsSchema,
  problemCauseSchema,
  peerSchema,
  proposalSchema,
} from './model.ts';
import { partialConversationSettingsSchema, settingsPatchSchema, settingsSchema } from './settings.ts';

const inConversation = z.strictObject({ conversationId: conversationIdSchema });
const limit = z.int().min(1).max(MAX_PAGE_SIZE).optional();
const phrase = z.string().min(1).max(512);

export const methods = {
  'app.info': {
    params: emptySchema,
    result: z.strictObject({
      version: z.string(),
      electron: z.string().optional(),
      node: z.string(),
      profile: z.string(),
      /** Empty until there is an identity: the network starts with it. */
      peerId: z.string(),
      listenAddresses: z.array(z.string()),
    }),
  },
  'app.shutdown': { params: emptySchema, result: emptySchema },

  'identity.status': {
    params: emptySchema,
    result: z.strictObject({
      exists: z.boolean(),
      memberId: memberIdSchema.optional(),
      displayName: z.string().optional(),
      keychain: z.enum(['os', 'file', 'unavailable']),
      /** False when the identity came from a raw private key, which has no phrase. */
      hasRecoveryPhrase: z.boolean().optional(),
      /** Set when a profile's data is there but its secret is not: restore to open it again. */
      needsRestore: z.boolean().optional(),
      /** Set when the profile cannot be opened: what is wrong, in a sentence. The data is kept. */
      problem: z
        .strictObject({
          code: z.string(),
          message: z.string(),
          cause: problemCauseSchema,
          /** A copy of the messages that `identity.restoreCopy` can put in their place. */
          copy: z.strictObject({ takenAt: timeSchema }).optional(),
          /** Where the files of the profile are. */
          directory: z.string(),
        })
        .optional(),
    }),
  },
  'identity.create': {
    params: z.strictObject({ displayName: displayNameSchema }),
    result: z.strictObject({ memberId: memberIdSchema, recoveryPhrase: z.string() }),
  },
  'identity.restore': {
    params: z.union([
      z.strictObject({ displayName: displayNameSchema, recoveryPhrase: phrase }),
      z.strictObject({ displayName: displayNameSchema, privateKey: z.string().min(1).max(80) }),
    ]),
    result: z.strictObject({ memberId: memberIdSchema }),
  },
  /**
   * Puts the newest whole copy of the messages in the place of those that cannot be read, which are kept under another name. What
   * was written after `takenAt` is not in it, and every group is asked for our place again: until then nothing is sent or read.
   */
  'identity.restoreCopy': {
    params: emptySchema,
    result: z.strictObject({ takenAt: timeSchema, /** The file's name now. */ setAside: z.string().optional() }),
  },
  'identity.revealRecoveryPhrase': { params: emptySchema, result: z.strictObject({ recoveryPhrase: z.string() }) },
  'identity.setDisplayName': { params: z.strictObject({ displayName: displayNameSchema }), result: emptySchema },

  'conversation.create': {
    params: z.strictObject({
      name: conversationNameSchema,
      settings: partialConversationSettingsSchema.optional(),
    }),
    result: inConversation,
  },
  'conversation.list': {
    params: emptySchema,
    result: z.strictObject({ conversations: z.array(conversationSummarySchema) }),
  },
  'conversation.get': { params: inConversation, result: conversationDetailSchema },
  'conversation.join': { params: z.strictObject({ invite: inviteSchema }), result: inConversation },
  'conversation.leave': { params: inConversation, result: emptySchema },
  'conversation.delete': { params: inConversation, result: emptySchema },
  /** Whether the system tells of what happens in it, on this device. */
  'conversation.setMuted': {
    params: z.strictObject({ conversationId: conversationIdSchema, muted: z.boolean() }),
    result: emptySchema,
  },
  'conversation.markRead': {
    params: z.strictObject({ conversationId: conversationIdSchema, messageId: messageIdSchema }),
    result: emptySchema,
  },

  'invite.create': { params: inConversation, result: z.strictObject({ invite: z.string() }) },
  'invite.reset': { params: inConversation, result: emptySchema },
  'invite.inspect': {
    params: z.strictObject({ invite: inviteSchema }),
    result: z.strictObject({
      conversationId: conversationIdSchema,
      conversationName: z.string(),
      invitedBy: memberIdSchema,
      invitedByName: z.string().optional(),
      addresses: z.array(z.string()),
      /** Set when this group is already in the list. */
      alreadyIn: z.boolean().optional(),
    }),
  },
  'invite.send': {
    params: z.strictObject({ conversationId: conversationIdSchema, peerId: peerIdSchema }),
    result: emptySchema,
  },

  'member.remove': {
    params: z.strictObject({
      conversationId: conversationIdSchema,
      memberId: memberIdSchema,
      reason: reasonSchema.optional(),
    }),
    result: z.strictObject({ proposalId: proposalIdSchema.optional() }),
  },
  'member.safetyNumber': {
    params: z.strictObject({ memberId: memberIdSchema }),
    result: z.strictObject({ safetyNumber: safetyNumberSchema }),
  },
  'member.setVerified': {
    params: z.strictObject({
      memberId: memberIdSchema,
      verified: z.boolean(),
      /** The number that was compared; WRONG_STATE when it is another one by now. */
      safetyNumber: safetyNumberSchema.optional(),
    }),
    result: emptySchema,
  },

  'proposal.list': {
    params: inConversation,
    result: z.strictObject({ open: z.array(proposalSchema), recent: z.array(proposalSchema) }),
  },
  'proposal.vote': {
    params: z.strictObject({
      conversationId: conversationIdSchema,
      proposalId: proposalIdSchema,
      approve: z.boolean(),
    }),
    result: emptySchema,
  },

  'governance.log': {
    params: z.strictObject({ conversationId: conversationIdSchema, before: z.int().min(0).optional(), limit }),
    result: z.strictObject({
      entries: z.array(governanceEntrySchema),
      /** Pass it as `before` for the next, older page; absent at the oldest entry. */
      next: z.int().optional(),
      /** Whether the lines here are those that this node wrote, all of them. */
      log: logStateSchema.optional(),
      /** Head of the group's journal as hex: equal at all members of an epoch. */
      journalHead: z.string().optional(),
    }),
  },
  /** This member's copy of the group's journal, oldest first: what a stranger needs to check every change of members. */
  'governance.export': {
    params: z.strictObject({ conversationId: conversationIdSchema, after: z.int().min(0).optional(), limit }),
    result: z.strictObject({
      /** One an epoch; `record` is base64 of an encoded JournalRecord. */
      records: z.array(z.strictObject({ epoch: z.int(), record: z.string() })),
      /** Pass it as `after` for the next page; absent at the newest record. */
      next: z.int().optional(),
    }),
  },

  /** Checks a change of members anew: the chain from where this copy begins, every signature, who was asked, and the arithmetic. */
  'governance.verify': {
    params: z.strictObject({ conversationId: conversationIdSchema, commitHash: commitHashSchema }),
    result: z.strictObject({ check: decisionCheckSchema }),
  },
  /** The same as a file for others: `content` is JSON of a DecisionFile. */
  'governance.exportDecision': {
    params: z.strictObject({ conversationId: conversationIdSchema, commitHash: commitHashSchema }),
    result: z.strictObject({ fileName: z.string(), content: z.string() }),
  },

  'message.send': {
    params: z.strictObject({
      conversationId: conversationIdSchema,
      text: messageTextSchema,
      replyTo: messageIdSchema.optional(),
    }),
    result: z.strictObject({ messageId: messageIdSchema }),
  },
  'message.list': {
    /** The newest page; or the one right before a message, or right after it, or with it in its middle. */
    params: z
      .strictObject({
        conversationId: conversationIdSchema,
        before: messageIdSchema.optional(),
        after: messageIdSchema.optional(),
        around: messageIdSchema.optional(),
        limit,
      })
      .refine(
        ({ before, after, around }) => [before, after, around].filter((id) => id !== undefined).length <= 1,
        'at most one of before, after and around',
      ),
    /** Newest first. */
    result: z.strictObject({ messages: z.array(messageSchema) }),
  },
  /**
   * Messages that have all words of the query, newest first; of all groups unless one is named. A word also finds what begins with it;
   * words that are not parted by a space have to stand side by side. Case and accents make no difference.
   */
  'message.search': {
    params: z.strictObject({
      query: z.string().max(MAX_SEARCH_QUERY_LENGTH),
      conversationId: conversationIdSchema.optional(),
      before: z.int().min(0).optional(),
      limit,
    }),
    result: z.strictObject({
      hits: z.array(
        z.strictObject({ message: messageSchema, /** The text around the first match. */ snippet: z.string() }),
      ),
      /** Pass it as `before` for the next, older page; absent at the oldest hit. */
      next: z.int().optional(),
    }),
  },

  /** What was typed and not sent, kept on this device alone; a blank one that answers nothing is forgotten. */
  'draft.set': {
    params: z.strictObject({
      conversationId: conversationIdSchema,
      text: draftTextSchema,
      replyTo: messageIdSchema.optional(),
    }),
    result: emptySchema,
  },
  'draft.list': {
    params: emptySchema,
    result: z.strictObject({
      /** One a conversation at most. */
      drafts: z.array(
        z.strictObject({
          conversationId: conversationIdSchema,
          text: z.string(),
          /** The message that it answers, while that is here. */
          replyTo: messageSchema.optional(),
        }),
      ),
    }),
  },

  'peer.list': { params: emptySchema, result: z.strictObject({ peers: z.array(peerSchema) }) },
  'peer.connect': {
    params: z.strictObject({ address: addressSchema }),
    result: z.strictObject({ peerId: peerIdSchema }),
  },

  'settings.get': { params: emptySchema, result: settingsSchema },
  'settings.set': { params: z.strictObject({ patch: settingsPatchSchema }), result: settingsSchema },

  'diagnostics.conversation': { params: inConversation, result: conversationDiagnosticsSchema },
  'diagnostics.network': { params: emptySchema, result: networkDiagnosticsSchema },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>;

export type Method = keyof typeof methods;
/** What a caller passes. */
export type Params<M extends Method> = z.input<(typeof methods)[M]['params']>;
/** What a handler receives: checked, trimmed, branded. */
export type CheckedParams<M extends Method> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends Method> = z.output<(typeof methods)[M]['result']>;
