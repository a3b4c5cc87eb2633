/**
 * Feeds the stores from the node's events. Every event of the API is answered here, exhaustively.
 */
import type { ApiEvent } from '../../shared/api/events.ts';
import type { ConversationId, MessageId } from '../../shared/model/ids.ts';
import { describeProposal } from '../text/describe.ts';
import { text } from '../text/index.ts';
import { personOf } from '../text/people.ts';
import { bridge, messageOf } from './call.ts';
import {
  forgetConversation,
  loadConversations,
  refreshConversation,
  refreshList,
  useConversations,
} from './conversations.ts';
import { forgetDraft, loadDrafts, storeDrafts } from './drafts.ts';
import { loadIdentity, ownMemberId, useIdentity } from './identity.ts';
import { forgetThread, goTo, messageAdded, messageUpdated, reloadThreads } from './messages.ts';
import { loadPeers, losePeer, updatePeer, usePeers } from './peers.ts';
import { valueOf } from './remote.ts';
import { applySettings, loadSettings } from './settings.ts';
import { announce, navigate, openGroup, receiveInvite, showDialog, toast, useUi } from './ui.ts';

/** Everything that is shown once there is an identity. */
async function loadAll(): Promise<void> {
  await Promise.all([loadSettings(), loadConversations(), loadPeers(), loadDrafts()]);
}

/** What the system told of, in its place; the group alone where there is none, or it is gone. */
function showMessage(conversationId: ConversationId, messageId: MessageId | undefined): void {
  if (messageId !== undefined)
    goTo(conversationId, messageId).catch((error: unknown) => toast('error', messageOf(error)));
  openGroup(conversationId);
}

const isShown = (conversationId: ConversationId): boolean => {
  const { route } = useUi.getState();
  return route.screen === 'group' && route.conversationId === conversationId;
};

function applyEvent(event: ApiEvent): void {
  switch (event.type) {
    case 'conversation.added':
    case 'conversation.updated':
    case 'conversation.stateChanged':
    case 'commit.applied':
    case 'freeze.progress':
    case 'member.joined':
    case 'member.left':
    case 'proposal.updated':
    case 'proposal.decided':
      refreshList();
      refreshConversation(event.conversationId);
      return;
    case 'proposal.opened': {
      refreshList();
      refreshConversation(event.conversationId);
      const what = describeProposal(event.proposal, ownMemberId());
      announce(text.votes.newVote(what));
      return;
    }
    case 'conversation.removed':
      if (isShown(event.conversationId)) navigate({ screen: 'start' });
      forgetConversation(event.conversationId);
      forgetThread(event.conversationId);
      forgetDraft(event.conversationId);
      refreshList();
      return;
    case 'message.added':
      messageAdded(event.conversationId, event.message);
      announceMessage(event);
      refreshList();
      return;
    case 'message.gap':
      refreshConversation(event.conversationId);
      return;
    case 'message.updated':
      messageUpdated(event.conversationId, event.message);
      return;
    case 'conversation.read':
      refreshList();
      return;
    case 'invite.received': {
      const who = event.from.displayName ?? text.groups.nearbyUnknown;
      receiveInvite({ from: event.from, conversationName: event.conversationName, invite: event.invite });
      toast('info', text.openInvite.invites(who, event.conversationName), {
        label: text.openInvite.receivedToast,
        dialog: { kind: 'openInvite', invite: event.invite },
      });
      return;
    }
    case 'invite.opened':
      showDialog({ kind: 'openInvite', invite: event.invite });
      return;
    case 'peer.updated':
      updatePeer(event.peer);
      return;
    case 'peer.lost':
      losePeer(event.peerId);
      return;
    case 'identity.changed':
      void enter();
      return;
    case 'settings.changed':
      applySettings(event.settings);
      return;
    case 'notice':
      toast(event.level, event.text);
      return;
    case 'notification.opened':
      showMessage(event.conversationId, event.messageId);
      return;
    case 'app.closing':
      storeDrafts();
      return;
    case 'events.lost':
      reloadEverything();
      toast('info', text.common.eventsLost);
      return;
    default:
      event satisfies never;
  }
}

function announceMessage(event: Extract<ApiEvent, { type: 'message.added' }>): void {
  const { message } = event;
  if (message.system !== undefined || message.sender === ownMemberId() || !isShown(event.conversationId)) return;
  const sender = personOf(message.sender, message.senderName, undefined);
  announce(text.groups.lastLine(sender.name, message.text));
}

/** Reads who we are, and then everything that follows from it. */
export async function enter(): Promise<void> {
  await loadIdentity();
  if (valueOf(useIdentity.getState().status)?.exists === true) await loadAll();
}

function reloadEverything(): void {
  void enter();
  for (const conversationId of Object.keys(useConversations.getState().details) as ConversationId[])
    refreshConversation(conversationId);
  reloadThreads();
}

/** Subscribes first and reads then, so that nothing falls between; returns what ends it. */
export function startStores(): () => void {
  const unsubscribe = bridge().subscribe(applyEvent);
  const onNetwork = (): void => usePeers.setState({ networkUp: navigator.onLine });
  window.addEventListener('online', onNetwork);
  window.addEventListener('offline', onNetwork);
  // Whoever leaves the window may end the app next.
  window.addEventListener('blur', storeDrafts);
  window.addEventListener('pagehide', storeDrafts);
  onNetwork();
  void enter();
  return () => {
    unsubscribe();
    window.removeEventListener('online', onNetwork);
    window.removeEventListener('offline', onNetwork);
    window.removeEventListener('blur', storeDrafts);
    window.removeEventListener('pagehide', storeDrafts);
  };
}
