/**
 * The outer frames: those of MLSMessage (RFC 9420 section 6) byte for byte, so that whoever peeks at one needs no other code.
 * Must not know groups.
 */
import { MlsError, type MessageKind } from '../../../main/protocol/mls/index.ts';
import { MAX_CANDIDATE_BYTES } from '../../../shared/limits.ts';
import { EMPTY, Reader, Writer } from './bytes.ts';
import { decodeKeyPackage } from './keyPackage.ts';

const MLS10 = 1;
const PRIVATE_MESSAGE = 2;
const WELCOME = 3;
const KEY_PACKAGE = 5;

export type ContentType = 'application' | 'proposal' | 'commit';

const CONTENT_TYPES: readonly ContentType[] = ['application', 'proposal', 'commit'];

export interface PrivateFrame {
  readonly kind: 'private';
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentType;
  /** All of the frame up to the sender data. */
  readonly header: Uint8Array;
  readonly senderData: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** One joiner's share of a Welcome. */
export interface SealedSecret {
  readonly newMember: Uint8Array;
  readonly fresh: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface WelcomeFrame {
  readonly kind: 'welcome';
  readonly suite: number;
  readonly secrets: readonly SealedSecret[];
  readonly groupInfo: Uint8Array;
}

export type Frame = PrivateFrame | WelcomeFrame | { readonly kind: 'other' };

export function contentTypeNumber(contentType: ContentType): number {
  return 1 + CONTENT_TYPES.indexOf(contentType);
}

export function encodeHeader(groupId: Uint8Array, epoch: bigint, contentType: ContentType): Uint8Array {
  const writer = new Writer().uint16(MLS10).uint16(PRIVATE_MESSAGE).vector(groupId).uint64(epoch);
  return writer.uint8(contentTypeNumber(contentType)).vector(EMPTY).finish();
}

export function encodePrivateFrame(header: Uint8Array, senderData: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return new Writer().raw(header).vector(senderData).vector(ciphertext).finish();
}

export function encodeWelcomeFrame({ suite, secrets, groupInfo }: Omit<WelcomeFrame, 'kind'>): Uint8Array {
  const shares = new Writer();
  for (const { newMember, fresh, sealed } of secrets) shares.vector(newMember).vector(fresh).vector(sealed);
  const writer = new Writer().uint16(MLS10).uint16(WELCOME).uint16(suite);
  return writer.vector(shares.finish()).vector(groupInfo).finish();
}

/** Throws MlsError TooLarge, or Malformed also for bytes behind the message. */
export function decodeFrame(bytes: Uint8Array, limit: number): Frame {
  if (bytes.length > limit) throw new MlsError('TooLarge', 'message');
  const reader = new Reader(bytes);
  if (reader.uint16() !== MLS10) throw new MlsError('Malformed', 'version');
  const frame = decodeBody(reader);
  reader.end();
  return frame;
}

function decodeBody(reader: Reader): Frame {
  switch (reader.uint16()) {
    case PRIVATE_MESSAGE: {
      const groupId = reader.vector();
      const epoch = reader.uint64();
      const contentType = CONTENT_TYPES[reader.uint8() - 1];
      if (contentType === undefined) throw new MlsError('Malformed', 'content type');
      reader.vector(); // Authenticated data: covered by the header, not used.
      const header = reader.since(0);
      return {
        kind: 'private',
        groupId,
        epoch,
        contentType,
        header,
        senderData: reader.vector(),
        ciphertext: reader.vector(),
      };
    }
    case WELCOME: {
      const suite = reader.uint16();
      const shares = new Reader(reader.vector());
      const secrets: SealedSecret[] = [];
      while (!shares.done)
        secrets.push({ newMember: shares.vector(), fresh: shares.vector(), sealed: shares.vector() });
      return { kind: 'welcome', suite, secrets, groupInfo: reader.vector() };
    }
    case KEY_PACKAGE:
      decodeKeyPackage(reader.rest());
      return { kind: 'other' };
    default:
      throw new MlsError('Malformed', 'wire format');
  }
}

/** See MlsService.inspectKind. */
export function inspectKind(bytes: Uint8Array): MessageKind {
  try {
    const frame = decodeFrame(bytes, MAX_CANDIDATE_BYTES);
    return frame.kind === 'private' ? frame.contentType : frame.kind;
  } catch (error) {
    if (error instanceof MlsError) return 'other';
    throw error;
  }
}

/** See MlsService.welcomeReferences. */
export function welcomeReferences(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    const frame = decodeFrame(bytes, MAX_CANDIDATE_BYTES);
    return frame.kind === 'welcome' ? frame.secrets.map(({ newMember }) => newMember) : [];
  } catch (error) {
    if (error instanceof MlsError) return [];
    throw error;
  }
}
