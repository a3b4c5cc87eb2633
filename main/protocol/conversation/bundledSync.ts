/** The sync that travels inside a welcome (H-17). Knows no joiner. */
import type { ConversationSync, InvitationToJoin } from '../wire/index.ts';
import type { Draft } from './draft.ts';
import { open } from './inbound/appMessage.ts';
import { isSynced } from './leadership.ts';
import { receiveSync } from './sync.ts';

/** The sync inside the invitation, when it is there and was adopted. */
export async function bundledSync(draft: Draft, invitation: InvitationToJoin): Promise<ConversationSync | undefined> {
  if (invitation.conversationSync.length === 0) return undefined;
  const opened = await open(draft, invitation.conversationSync);
  if (opened?.message.payload.case !== 'conversationSync') return undefined;
  await receiveSync(draft, opened.message.payload.value, opened.origin.sender);
  return isSynced(draft) ? opened.message.payload.value : undefined;
}
