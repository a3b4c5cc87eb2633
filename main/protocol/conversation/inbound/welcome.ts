/** Packets on the welcome subtopic, for a member (§18.3): only announcements concern it. */
import { decodeWelcomeMessage, WireError, type WelcomeMessage } from '../../wire/index.ts';
import { receiveAnnouncement } from '../announcements.ts';
import { count, type Draft } from '../draft.ts';
import { hearWelcome } from '../packetLog.ts';
import { receiveRejoinWelcome } from '../rejoin.ts';

/** Undefined for bytes that are no WelcomeMessage. */
export function decodedWelcome(payload: Uint8Array): WelcomeMessage | undefined {
  try {
    return decodeWelcomeMessage(payload);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

export async function receiveWelcomePacket(draft: Draft, payload: Uint8Array): Promise<void> {
  const message = decodedWelcome(payload);
  if (message?.payload.case === 'userKeyPackage') {
    await receiveAnnouncement(draft, message.payload.value);
    return;
  }
  if (message?.payload.case === 'invitationToJoin' && (await receiveRejoinWelcome(draft, message.payload.value)))
    return;
  if (message?.payload.case === 'invitationToJoin') hearWelcome(draft, payload);
  count(draft, message === undefined ? 'MessageError' : 'WelcomeIgnored');
}
