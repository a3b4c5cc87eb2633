/**
 * The payload of a vote as a closed set of cases (§11.1). Knows shapes, not whether a request makes sense in a group.
 */
import type { ProposalKind } from '../../../shared/api/model.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import {
  decodeConversationUpdateRequest,
  encodeConversationUpdateRequest,
  type ConversationUpdateRequest,
} from '../wire/index.ts';

export type UpdateRequest =
  | {
      readonly kind: 'addMember';
      readonly memberId: MemberId;
      readonly keyPackage: Uint8Array;
      readonly mac: Uint8Array;
      readonly displayName: string;
    }
  | { readonly kind: 'removeMember'; readonly memberId: MemberId; readonly reason: string }
  | { readonly kind: 'stewardElection' }
  | { readonly kind: 'emergency' };

/** Undefined for whatever is not well formed: not decodable, empty, or about an identity that is no member id. */
export function parseRequest(payload: Uint8Array): UpdateRequest | undefined {
  try {
    return requestOf(decodeConversationUpdateRequest(payload));
  } catch {
    // The wire and identity layers refuse by throwing; here every refusal is the same.
    return undefined;
  }
}

function requestOf({ payload }: ConversationUpdateRequest): UpdateRequest | undefined {
  switch (payload.case) {
    case 'inviteMember':
      return {
        kind: 'addMember',
        memberId: memberIdFromBytes(payload.value.identity),
        keyPackage: payload.value.keyPackageBytes.slice(),
        mac: payload.value.inviteMac.slice(),
        displayName: payload.value.displayName,
      };
    case 'removeMember':
      return {
        kind: 'removeMember',
        memberId: memberIdFromBytes(payload.value.identity),
        reason: payload.value.reason,
      };
    case 'stewardElection':
      return { kind: 'stewardElection' };
    case 'emergencyCriteria':
      return { kind: 'emergency' };
    case undefined:
      return undefined;
  }
}

export function inviteRequest(invite: {
  readonly memberId: MemberId;
  readonly keyPackage: Uint8Array;
  readonly mac: Uint8Array;
  readonly displayName: string;
}): Uint8Array {
  return encodeConversationUpdateRequest({
    payload: {
      case: 'inviteMember',
      value: {
        keyPackageBytes: invite.keyPackage,
        identity: memberIdToBytes(invite.memberId),
        inviteMac: invite.mac,
        displayName: invite.displayName,
      },
    },
  });
}

export function removalRequest(memberId: MemberId, reason: string): Uint8Array {
  return encodeConversationUpdateRequest({
    payload: { case: 'removeMember', value: { identity: memberIdToBytes(memberId), reason } },
  });
}

export const kindOf = (request: UpdateRequest): ProposalKind => request.kind;

/** Whom a request is about. */
export function targetOf(request: UpdateRequest | undefined): MemberId | undefined {
  return request?.kind === 'addMember' || request?.kind === 'removeMember' ? request.memberId : undefined;
}
