/**
 * What a hostile member has: a genuine place in the group, its keys, and a mind of its own about what to say to whom. Knows how to
 * speak, not what to lie about.
 */
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { CommitInput, MlsService } from '../../../main/protocol/mls/index.ts';
import { memberIdToBytes, type Identity } from '../../../main/protocol/identity/index.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';
import { encodeAppMessage, type AppMessageInit, type Proposal } from '../../../main/protocol/wire/index.ts';
import type { Subtopic } from '../../../main/messenger/ports/network.ts';
import type { Dice } from '../world/chance.ts';
import type { Device } from '../world/device.ts';
import type { Ether } from '../world/network.ts';
import type { World } from '../world/world.ts';

export interface Accomplice {
  readonly world: World;
  readonly ether: Ether;
  readonly dice: Dice;
  readonly device: Device;
  /** Whom it is about. */
  readonly target: Device;
  /** Everybody, the hostile ones too. */
  readonly devices: readonly Device[];
  /** All hostile ones: they share their keys. */
  readonly gang: readonly Device[];
  readonly conversationId: ConversationId;
  readonly identity: Identity;
  readonly mls: MlsService;
  readonly state: State & { readonly kind: 'active' };
}

/** Who hears it first; everybody by default. */
export type Reaches = (index: number) => boolean;

/** Two halves of the world that hear different things first. */
export const even: Reaches = (index) => index % 2 === 0;
export const odd: Reaches = (index) => index % 2 === 1;

export function publish(accomplice: Accomplice, subtopic: Subtopic, payload: Uint8Array, reaches?: Reaches): void {
  const { ether, device, conversationId } = accomplice;
  ether.publish(device, { conversationId, subtopic, payload }, reaches);
}

/** Says something in the group: a genuine ciphertext, whatever is in it. */
export async function say(accomplice: Accomplice, message: AppMessageInit, reaches?: Reaches): Promise<void> {
  const { mls, device, conversationId } = accomplice;
  const state = device.active(conversationId);
  if (state === undefined) return;
  const { group, ciphertext } = await mls.encrypt(state.group, encodeAppMessage(message));
  device.replace({ ...state, group });
  publish(accomplice, 'app_msg', ciphertext, reaches);
}

/** A genuine commit of these changes, with certificates beside it, as a packet. */
export async function candidate(
  accomplice: Accomplice,
  updates: readonly CommitInput[],
  certificates: readonly Proposal[] = [],
): Promise<Uint8Array | undefined> {
  const { mls, device, conversationId } = accomplice;
  const state = device.active(conversationId);
  if (state === undefined || updates.length === 0) return undefined;
  const made = await mls.createCandidate(state.group, updates, device.now);
  device.replace({ ...state, group: made.base });
  return encodeAppMessage({
    payload: {
      case: 'commitCandidate',
      value: {
        conversationName: new TextEncoder().encode(conversationId),
        mlsProposals: [...made.proposals],
        commitMessage: made.commit,
        stewardIdentity: memberIdToBytes(device.memberId),
        certificates: certificates.map((proposal) => ({ proposal })),
      },
    },
  });
}
