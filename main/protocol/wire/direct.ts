/**
 * Encodings of the direct protocols between two connected nodes: hello and invite offer (architecture 6).
 * Whether a hello's signature proves its member id is judged where it arrives.
 */
import {
  MAX_ADDRESS_LENGTH,
  MAX_DIRECT_FRAME_BYTES,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_INVITE_LENGTH,
  MAX_PEER_ADDRESSES,
  MAX_SIGNATURE_BYTES,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostCharacters, atMostItems, identityBytes } from './checks.ts';
import { messageCodec } from './codec.ts';
import { HelloSchema, InviteOfferReplySchema, InviteOfferSchema } from './generated/conclave/v1/conclave_pb.js';

const helloCodec = messageCodec(HelloSchema, MAX_DIRECT_FRAME_BYTES, (hello) => {
  identityBytes('member_id', hello.memberId);
  atMostBytes('signature', hello.signature, MAX_SIGNATURE_BYTES);
  atMostCharacters('display_name', hello.displayName, MAX_DISPLAY_NAME_LENGTH);
  atMostItems('listen_addresses', hello.listenAddresses, MAX_PEER_ADDRESSES);
  for (const address of hello.listenAddresses) atMostCharacters('listen_addresses', address, MAX_ADDRESS_LENGTH);
});
const offerCodec = messageCodec(InviteOfferSchema, MAX_DIRECT_FRAME_BYTES, (offer) => {
  atMostCharacters('invite', offer.invite, MAX_INVITE_LENGTH);
});
const replyCodec = messageCodec(InviteOfferReplySchema, MAX_DIRECT_FRAME_BYTES, () => {});

export const encodeHello = helloCodec.encode;
export const decodeHello = helloCodec.decode;
export const encodeInviteOffer = offerCodec.encode;
export const decodeInviteOffer = offerCodec.decode;
export const encodeInviteOfferReply = replyCodec.encode;
export const decodeInviteOfferReply = replyCodec.decode;
