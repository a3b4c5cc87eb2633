/**
 * Invites: making, switching off, looking at and offering them (H-33).
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { decodeInviteLink, encodeInviteLink } from '../protocol/wire/inviteLink.ts';
import { addressesForInvite } from './addresses.ts';
import type { Handlers } from './contract.ts';
import { requireMembership, type UseCaseContext } from './context.ts';
import { shortMemberId } from './names.ts';
import type { Session } from './session.ts';

type InviteHandlers = Pick<Handlers, Extract<keyof Handlers, `invite.${string}`>>;

/** A link for the group as it is now. Throws ApiError NOT_FOUND, WRONG_STATE. */
function linkFor(session: Session, conversationId: ConversationId): string {
  const { state } = requireMembership(session, conversationId);
  const view = session.user.view(conversationId);
  if (view?.inviteSecret === undefined)
    throw new ApiError('WRONG_STATE', 'The group has not told its rules yet. Try again in a moment.', { state });
  return encodeInviteLink({
    conversationId,
    conversationName: view.name,
    inviter: session.user.memberId,
    inviterName: session.nameOf(session.user.memberId) ?? shortMemberId(session.user.memberId),
    secret: view.inviteSecret,
    addresses: addressesForInvite(session.network.listenAddresses()),
  });
}

export function inviteHandlers(context: UseCaseContext): InviteHandlers {
  return {
    'invite.create': async ({ conversationId }) => ({ invite: linkFor(context.session(), conversationId) }),

    'invite.reset': async ({ conversationId }) => {
      const session = context.session();
      requireMembership(session, conversationId);
      await session.send(conversationId, { kind: 'resetInvite' });
      return {};
    },

    'invite.inspect': async ({ invite: link }) => {
      const session = context.session();
      const invite = decodeInviteLink(link);
      const present = session.detail(invite.conversationId);
      return {
        conversationId: invite.conversationId,
        conversationName: invite.conversationName,
        invitedBy: invite.inviter,
        ...(invite.inviterName === '' ? {} : { invitedByName: invite.inviterName }),
        addresses: [...invite.addresses],
        alreadyIn: present !== undefined && present.state !== 'left',
      };
    },

    'invite.send': async ({ conversationId, peerId }) => {
      const session = context.session();
      const link = linkFor(session, conversationId);
      if (!session.network.peers().some((peer) => peer.peerId === peerId))
        throw new ApiError('NOT_FOUND', 'Nobody with that id is nearby.');
      const { accepted } = await session.network.offerInvite(peerId, link);
      if (!accepted) throw new ApiError('NETWORK', 'They cannot take an invite right now. Try again in a minute.');
      return {};
    },
  };
}
