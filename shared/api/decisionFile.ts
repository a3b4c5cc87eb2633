/**
 * A decision of a group as a file that anybody can check without an account: the group's journal up to the change, with every signed vote
 * that its owner kept. Knows no node.
 */
import { z } from 'zod';
import { MAX_DECISION_FILE_BYTES, MAX_DISPLAY_NAME_LENGTH, MAX_MEMBERS } from '../limits.ts';
import { conversationIdSchema, conversationNameSchema, memberIdSchema } from './common.ts';

export const DECISION_FILE_FORMAT = 'conclave-decision';

/** SHA-256 of a commit message, as hex. */
export const commitHashSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const decisionFileSchema = z.strictObject({
  format: z.literal(DECISION_FILE_FORMAT),
  version: z.literal(1),
  conversationId: conversationIdSchema,
  /** How the owner's group is called; nobody signed it. */
  conversationName: conversationNameSchema,
  /** The change that the file is about. */
  commitHash: commitHashSchema,
  /** How its owner knows the members; nobody signed them. */
  names: z.array(z.strictObject({ memberId: memberIdSchema, name: z.string().max(MAX_DISPLAY_NAME_LENGTH) })).max(
    // Those who went are named too.
    MAX_MEMBERS * 16,
  ),
  /** Encoded JournalRecords as base64, from where the copy begins to the change. */
  records: z.array(z.base64().max(MAX_DECISION_FILE_BYTES)).min(1),
});
export type DecisionFile = z.infer<typeof decisionFileSchema>;
