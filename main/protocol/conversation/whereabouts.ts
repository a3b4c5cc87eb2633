/** Where we are in a conversation, as an exchange with another member has to know it (architecture 5). Knows no exchange. */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { MlsService } from '../mls/contract.ts';
import { decodedWelcome } from './inbound/welcome.ts';
import type { State } from './state.ts';

/** A waiting joiner, or a member. */
export type Standing =
  | {
      readonly kind: 'joiner';
      readonly conversationId: ConversationId;
      /** KeyPackageRef. */ readonly awaited: Uint8Array;
    }
  | {
      readonly kind: 'member';
      readonly conversationId: ConversationId;
      readonly epoch: number;
      /** Ascending; the last is the present one. */
      readonly readable: readonly number[];
      readonly members: readonly MemberId[];
      /** KeyPackageRef of the welcome that it waits for while it asks to come in again. */
      readonly awaited: Uint8Array | undefined;
    };

export function standingOf(mls: MlsService, state: State, now: number): Standing {
  const { conversationId } = state;
  if (state.kind === 'pending') return { kind: 'joiner', conversationId, awaited: state.joiner.keyPackage.reference };
  return {
    kind: 'member',
    conversationId,
    epoch: Number(state.group.epoch),
    readable: mls.readableEpochs(state.group, now).map(Number),
    members: mls.members(state.group).map(({ memberId }) => memberId),
    awaited: state.rejoin?.keyPackage.reference,
  };
}

/** Whether a packet of the welcome topic lets in whoever made that key package. */
export function isWelcomeFor(mls: MlsService, packet: Uint8Array, reference: Uint8Array): boolean {
  const message = decodedWelcome(packet);
  if (message?.payload.case !== 'invitationToJoin') return false;
  const named = mls.welcomeReferences(message.payload.value.mlsMessageOutBytes);
  return named.some((other) => Buffer.compare(other, reference) === 0);
}
