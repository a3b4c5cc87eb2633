/**
 * The identifiers that every layer passes around, branded so that one cannot stand in for another.
 * Knows nothing about how they are made or checked; `shared/api/common.ts` holds their schemas.
 */

declare const brand: unique symbol;

/** A value of `Base` that was checked to be a `Name`. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A member: 20 address bytes as EIP-55 checksummed `0x` hex. On the wire and in MLS credentials it is the raw 20 bytes. */
export type MemberId = Branded<string, 'MemberId'>;

/** A conversation: 128 random bits as 26 lower-case base32 characters (RFC 4648 alphabet, no padding). */
export type ConversationId = Branded<string, 'ConversationId'>;

/** A message: UUIDv7 chosen by its sender, the same on every node. */
export type MessageId = Branded<string, 'MessageId'>;

/** A voting proposal: the 32-bit id of its consensus session. */
export type ProposalId = Branded<number, 'ProposalId'>;

/** A libp2p peer id in its text form. */
export type PeerId = Branded<string, 'PeerId'>;
