/**
 * Schemas of the values that several methods and events share. Their limits stand in `shared/limits.ts`.
 * Knows the shape of a value, not whether it exists: an id that is well formed may still be unknown.
 */
import { z } from 'zod';
import {
  MAX_ADDRESS_LENGTH,
  MAX_CONVERSATION_NAME_LENGTH,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_INVITE_LENGTH,
  MAX_DRAFT_LENGTH,
  MAX_MESSAGE_TEXT_BYTES,
  MAX_REASON_LENGTH,
} from '../limits.ts';
import type { ConversationId, MemberId, MessageId, PeerId, ProposalId } from '../model/ids.ts';

/** 20 bytes as `0x` hex. The letter case is the EIP-55 checksum, which the handlers check. */
export const memberIdSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text as MemberId);
export const conversationIdSchema = z
  .string()
  .regex(/^[a-z2-7]{26}$/)
  .transform((text) => text as ConversationId);
export const messageIdSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  .transform((text) => text as MessageId);
export const proposalIdSchema = z
  .int()
  .min(0)
  .max(0xffffffff)
  .transform((id) => id as ProposalId);
export const peerIdSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9]+$/)
  .transform((text) => text as PeerId);

/** Milliseconds since the Unix epoch. */
export const timeSchema = z.int().min(0);
export const durationSchema = z.int().min(0);

/** Control characters (but not the format characters that emoji and right-to-left names need) have no place in a name. */
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** Half a surrogate pair cannot be written as UTF-8: it would be stored and sent as something else than was checked. */
const wellFormed = (text: string): boolean => text.isWellFormed();
const brokenText = 'a text must not hold half a character';
const visible = (text: string): boolean => text.trim().length > 0 && !controlCharacters.test(text) && wellFormed(text);

/** What two people compare: the same digits on both sides. */
export const safetyNumberSchema = z.string().regex(/^[0-9]{60}$/);

export const displayNameSchema = z
  .string()
  .max(MAX_DISPLAY_NAME_LENGTH)
  .refine(visible, 'a name needs at least one visible character and no control characters')
  .transform((text) => text.trim());
export const conversationNameSchema = z
  .string()
  .max(MAX_CONVERSATION_NAME_LENGTH)
  .refine(visible, 'a name needs at least one visible character and no control characters')
  .transform((text) => text.trim());
export const reasonSchema = z.string().max(MAX_REASON_LENGTH).refine(wellFormed, brokenText);
export const inviteSchema = z.string().min(1).max(MAX_INVITE_LENGTH);
export const addressSchema = z.string().min(1).max(MAX_ADDRESS_LENGTH);

/** The length in bytes that `text` has in UTF-8, counted without allocating. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Chat text: not blank. Its size is checked by the handler, which answers TOO_LARGE rather than INVALID_PARAMS. */
export const messageTextSchema = z
  .string()
  .max(MAX_MESSAGE_TEXT_BYTES * 4)
  .refine((text) => text.trim().length > 0, 'a message needs text')
  .refine(wellFormed, brokenText);

/** What was typed and not sent: a blank one may still answer a message. */
export const draftTextSchema = z.string().max(MAX_DRAFT_LENGTH).refine(wellFormed, brokenText);

export const emptySchema = z.strictObject({});
export type Empty = z.infer<typeof emptySchema>;
