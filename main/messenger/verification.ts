/** Comparing numbers with somebody, so that both know that nobody stands between them. */
import { ApiError } from '../../shared/api/errors.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import { safetyNumberOf } from '../protocol/identity/index.ts';
import { decodeDeviceSignatureKey } from '../protocol/mls/index.ts';
import type { Handlers } from './contract.ts';
import type { UseCaseContext } from './context.ts';
import type { Session } from './session.ts';

export function verificationHandlers(
  context: UseCaseContext,
): Pick<Handlers, 'member.safetyNumber' | 'member.setVerified'> {
  return {
    'member.safetyNumber': async ({ memberId }) => ({ safetyNumber: safetyNumberWith(context.session(), memberId) }),

    'member.setVerified': async ({ memberId, verified, safetyNumber }) => {
      const session = context.session();
      const { people } = session.storage;
      session.storage.transaction(() => {
        // The device may have changed while two people read digits to each other.
        if (safetyNumber !== undefined && safetyNumber !== safetyNumberWith(session, memberId))
          throw new ApiError('WRONG_STATE', 'The number has changed meanwhile. Compare the new one.');
        const device = people.device(memberId);
        if (device === undefined || memberId === session.user.memberId) throw unknownMember();
        people.putVerifiedKey(memberId, verified ? device.signatureKey : undefined);
      });
      for (const conversationId of session.user.conversations())
        if (session.user.view(conversationId)?.members.some((member) => member.memberId === memberId) === true)
          session.emit({ type: 'conversation.updated', conversationId });
      return {};
    },
  };
}

function safetyNumberWith(session: Session, memberId: MemberId): string {
  const profile = session.storage.profile.get();
  const device = session.storage.people.device(memberId);
  if (profile === undefined || device === undefined || memberId === profile.memberId) throw unknownMember();
  const { publicKey } = decodeDeviceSignatureKey(profile.deviceSignatureKey);
  return safetyNumberOf(
    { memberId: profile.memberId, signatureKey: publicKey },
    { memberId, signatureKey: device.signatureKey },
  );
}

const unknownMember = (): ApiError => new ApiError('NOT_FOUND', 'You share no group with this member.');
