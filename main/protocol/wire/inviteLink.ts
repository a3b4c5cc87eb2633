/**
 * The `conclave:` link with which a person is invited (H-33): version byte, conclave.v1.Invite, 4-byte SHA-256 checksum, in
 * base64url. Everything about a link is hostile until it is decoded here. Errors never repeat the link: it carries a secret.
 */
import { createHash } from 'node:crypto';
import { base64urlnopad } from '@scure/base';
import {
  INVITE_SECRET_BYTES,
  MAX_ADDRESS_LENGTH,
  MAX_CONVERSATION_NAME_LENGTH,
  MAX_DIRECT_FRAME_BYTES,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_INVITE_ADDRESSES,
  MAX_INVITE_LENGTH,
  MEMBER_ID_BYTES,
} from '../../../shared/limits.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import { messageCodec } from './codec.ts';
import { WireError } from './errors.ts';
import { InviteSchema } from './generated/conclave/v1/conclave_pb.js';

/** What a link says. The secret is 32 bytes. */
export interface Invite {
  readonly conversationId: ConversationId;
  readonly conversationName: string;
  readonly inviter: MemberId;
  readonly inviterName: string;
  readonly secret: Uint8Array;
  readonly addresses: readonly string[];
}

const VERSION = 1;
const CHECKSUM_BYTES = 4;
/** `conclave:X`, and what browsers and people make of it: `conclave://join/X`, `conclave:///X/`, `CONCLAVE:join/X`. */
const LINK = /^conclave:\/*(?:join\/+)?([A-Za-z0-9_-]+)\/*$/i;
const CONVERSATION_ID = /^[a-z2-7]{26}$/;
/** A multiaddr in printable ASCII. */
const ADDRESS = /^\/[\x21-\x7e]+$/;
/** A name needs something to see, and none of the characters that break or turn a line. */
const VISIBLE = /\S/;
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]/u;

// The fields are checked one by one below; the text's own limit is tighter than this one.
const codec = messageCodec(InviteSchema, MAX_DIRECT_FRAME_BYTES, () => {});

/**
 * A link of at most MAX_INVITE_LENGTH characters. Addresses at the end of the list are left out if it would be longer.
 * Throws WireError INVALID_INVITE when a field cannot be in a link.
 */
export function encodeInviteLink(invite: Invite): string {
  checkInvite(invite);
  for (let count = invite.addresses.length; count >= 0; count -= 1) {
    const link = linkOf({ ...invite, addresses: invite.addresses.slice(0, count) });
    if (link.length <= MAX_INVITE_LENGTH) return link;
  }
  throw invalid('too long');
}

/** Throws WireError INVALID_INVITE, and nothing else, for whatever a person may have pasted. */
export function decodeInviteLink(text: string): Invite {
  // Twice the limit leaves room for the line breaks of a mail program, which are taken out before the real check.
  if (text.length > 2 * MAX_INVITE_LENGTH) throw invalid('too long');
  const link = text.replace(/\s+/g, '');
  if (link.length > MAX_INVITE_LENGTH) throw invalid('too long');
  const body = LINK.exec(link)?.[1];
  if (body === undefined) throw invalid('not an invite link');
  const invite = decodeInvite(openEnvelope(body));
  checkInvite(invite);
  return invite;
}

function linkOf(invite: Invite): string {
  const message = codec.encode({
    version: VERSION,
    conversationId: invite.conversationId,
    conversationName: invite.conversationName,
    inviter: memberIdToBytes(invite.inviter),
    inviterName: invite.inviterName,
    secret: invite.secret,
    addresses: [...invite.addresses],
  });
  const content = Uint8Array.of(VERSION, ...message);
  return `conclave:${base64urlnopad.encode(Uint8Array.of(...content, ...checksum(content)))}`;
}

/** The message inside the version byte and the checksum. */
function openEnvelope(body: string): Uint8Array {
  const bytes = fromBase64(body);
  if (bytes.length <= 1 + CHECKSUM_BYTES) throw invalid('too short');
  const content = bytes.subarray(0, -CHECKSUM_BYTES);
  const expected = checksum(content);
  if (!bytes.subarray(-CHECKSUM_BYTES).every((byte, index) => byte === expected[index])) {
    throw invalid('damaged: the checksum does not fit');
  }
  if (content[0] !== VERSION) throw invalid('of another version');
  return content.subarray(1);
}

function fromBase64(body: string): Uint8Array {
  try {
    return base64urlnopad.decode(body);
  } catch {
    throw invalid('damaged: not base64url');
  }
}

function decodeInvite(bytes: Uint8Array): Invite {
  const message = decodeMessage(bytes);
  if (message.version !== VERSION) throw invalid('of another version');
  if (message.inviter.length !== MEMBER_ID_BYTES) throw invalid('inviter');
  return {
    // Checked by checkInvite before anybody sees it.
    conversationId: message.conversationId as ConversationId,
    conversationName: message.conversationName,
    inviter: memberIdFromBytes(message.inviter),
    inviterName: message.inviterName,
    secret: message.secret.slice(),
    addresses: message.addresses,
  };
}

function decodeMessage(bytes: Uint8Array): ReturnType<typeof codec.decode> {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) throw invalid(error.reason);
    throw error;
  }
}

function checkInvite(invite: Invite): void {
  if (!CONVERSATION_ID.test(invite.conversationId)) throw invalid('conversation id');
  checkName('conversation name', invite.conversationName, MAX_CONVERSATION_NAME_LENGTH);
  checkName('inviter name', invite.inviterName, MAX_DISPLAY_NAME_LENGTH);
  if (invite.secret.length !== INVITE_SECRET_BYTES) throw invalid('secret');
  if (invite.addresses.length > MAX_INVITE_ADDRESSES) throw invalid('too many addresses');
  for (const address of invite.addresses) {
    if (address.length > MAX_ADDRESS_LENGTH || !ADDRESS.test(address)) throw invalid('address');
  }
}

function checkName(field: string, name: string, maxLength: number): void {
  if (name.length > maxLength || !VISIBLE.test(name) || UNPRINTABLE.test(name)) throw invalid(field);
}

function checksum(content: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(content).digest().subarray(0, CHECKSUM_BYTES));
}

function invalid(reason: string): WireError {
  return new WireError('INVALID_INVITE', reason);
}
