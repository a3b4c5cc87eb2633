/** A whole fake node for tests of the page: one person, one group, and what a test changes of it. */
import type { FakeHandlers } from './fakeBridge.ts';
import { detail, diagnostics, group, me, messageId, peer, peerId, summary } from './samples.ts';

/** Handlers that answer everything for a person with one group; a test overrides what it is about. */
export function worldHandlers(more: FakeHandlers = {}): FakeHandlers {
  return {
    'app.info': () => ({ version: '0.1.0', node: '24', profile: 'test', peerId: peerId('me'), listenAddresses: [] }),
    'identity.status': () => ({
      exists: true,
      memberId: me,
      displayName: 'Mia',
      keychain: 'os',
      hasRecoveryPhrase: true,
    }),
    'identity.create': () => ({ memberId: me, recoveryPhrase: 'one two' }),
    'identity.restore': () => ({ memberId: me }),
    'identity.revealRecoveryPhrase': () => ({ recoveryPhrase: 'alpha bravo charlie delta' }),
    'identity.setDisplayName': () => ({}),
    'settings.get': () => ({
      theme: 'system',
      visibleNearby: true,
      allowPublicAddresses: false,
      notifications: true,
      notificationText: true,
      recoveryPhraseSaved: true,
    }),
    'settings.set': ({ patch }) => ({
      theme: patch.theme ?? 'system',
      visibleNearby: patch.visibleNearby ?? true,
      allowPublicAddresses: patch.allowPublicAddresses ?? false,
      notifications: patch.notifications ?? true,
      notificationText: patch.notificationText ?? true,
      recoveryPhraseSaved: patch.recoveryPhraseSaved ?? true,
    }),
    'conversation.list': () => ({ conversations: [summary()] }),
    'conversation.get': () => detail(),
    'conversation.create': () => ({ conversationId: group }),
    'conversation.join': () => ({ conversationId: group }),
    'conversation.leave': () => ({}),
    'conversation.delete': () => ({}),
    'conversation.markRead': () => ({}),
    'invite.create': () => ({ invite: 'conclave:invite/abc' }),
    'invite.reset': () => ({}),
    'invite.send': () => ({}),
    'member.remove': () => ({}),
    'proposal.list': () => ({ open: [], recent: [] }),
    'proposal.vote': () => ({}),
    'message.list': () => ({ messages: [] }),
    'message.send': () => ({ messageId: messageId(999) }),
    'draft.set': () => ({}),
    'draft.list': () => ({ drafts: [] }),
    'peer.list': () => ({ peers: [peer('Ana')] }),
    'peer.connect': () => ({ peerId: peerId('x') }),
    'diagnostics.network': () => diagnostics,
    ...more,
  };
}
