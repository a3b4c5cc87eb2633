/**
 * Encoding of WelcomeMessage, everything that travels on the welcome subtopic (§5.5, §6.1), with its limits (§18.5).
 * Key packages and welcomes stay bytes here; MLS opens them.
 */
import {
  MAX_DISPLAY_NAME_LENGTH,
  MAX_KEY_PACKAGE_BYTES,
  MAX_MAC_BYTES,
  MAX_PACKET_BYTES,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostCharacters } from './checks.ts';
import { messageCodec } from './codec.ts';
import { WelcomeMessageSchema } from './generated/de_mls/messages/v1/messages_pb.js';
import type { WelcomeMessage } from './generated/de_mls/messages/v1/messages_pb.js';

function checkWelcomeMessage(message: WelcomeMessage): void {
  const { payload } = message;
  switch (payload.case) {
    case 'userKeyPackage':
      atMostBytes('key_package_bytes', payload.value.keyPackageBytes, MAX_KEY_PACKAGE_BYTES);
      atMostBytes('key_package_tls', payload.value.keyPackageTls, MAX_KEY_PACKAGE_BYTES);
      atMostBytes('invite_mac', payload.value.inviteMac, MAX_MAC_BYTES);
      atMostCharacters('display_name', payload.value.displayName, MAX_DISPLAY_NAME_LENGTH);
      return;
    case 'invitationToJoin':
    case undefined:
      // The whole packet's limit bounds both of its fields.
      return;
  }
}

const codec = messageCodec(WelcomeMessageSchema, MAX_PACKET_BYTES, checkWelcomeMessage);

export const encodeWelcomeMessage = codec.encode;
export const decodeWelcomeMessage = codec.decode;
