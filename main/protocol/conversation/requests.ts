/**
 * The payload of a vote as a closed set of cases (§11.1). Knows shapes, not whether a request makes sense in a group.
 */
import type { ProposalKind } from '../../../shared/api/model.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import type { StewardList } from '../steward-list/contract.ts';
import {
  decodeConversationUpdateRequest,
  encodeConversationUpdateRequest,
  ViolationType,
  type ConversationUpdateRequest,
} from '../wire/index.ts';

/** What an emergency proposal says happened (§16.1). */
export type Violation =
  | 'BROKEN_COMMIT'
  | 'BROKEN_MLS_PROPOSAL'
  | 'CENSORSHIP_INACTIVITY'
  | 'SCORE_BELOW_THRESHOLD'
  | 'DEADLOCK'
  | 'MISBEHAVING_COMMIT';

/** An emergency proposal with its evidence (§16.1). */
export interface EmergencyRequest {
  readonly kind: 'emergency';
  readonly violation: Violation;
  /** The accused; undefined for a deadlock, which accuses nobody. */
  readonly target: MemberId | undefined;
  readonly evidence: Uint8Array;
  /** MLS epoch at filing. */
  readonly epoch: bigint;
  readonly creator: MemberId;
}

/** The list that an election proposes (§12.7). */
export interface ElectionRequest {
  readonly kind: 'stewardElection';
  readonly list: StewardList;
}

export type UpdateRequest =
  | {
      readonly kind: 'addMember';
      readonly memberId: MemberId;
      readonly keyPackage: Uint8Array;
      readonly mac: Uint8Array;
      readonly displayName: string;
    }
  | { readonly kind: 'removeMember'; readonly memberId: MemberId; readonly reason: string }
  | ElectionRequest
  | EmergencyRequest;

/**
 * Undefined for whatever is not well formed: not decodable, empty, about an identity that is no member id, or an emergency
 * without evidence or of a type that nobody knows (H-6, H-9).
 */
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
    case 'stewardElection': {
      const { proposedStewards, electionEpoch, retryRound } = payload.value;
      const stewards = proposedStewards.map(memberIdFromBytes);
      return { kind: 'stewardElection', list: { stewards, electionEpoch, retryRound } };
    }
    case 'emergencyCriteria':
      return payload.value.evidence === undefined ? undefined : emergencyOf(payload.value.evidence);
    case undefined:
      return undefined;
  }
}

type Evidence = NonNullable<
  Extract<ConversationUpdateRequest['payload'], { case: 'emergencyCriteria' }>['value']['evidence']
>;

const VIOLATIONS: ReadonlyMap<ViolationType, Violation> = new Map([
  [ViolationType.BROKEN_COMMIT, 'BROKEN_COMMIT'],
  [ViolationType.BROKEN_MLS_PROPOSAL, 'BROKEN_MLS_PROPOSAL'],
  [ViolationType.CENSORSHIP_INACTIVITY, 'CENSORSHIP_INACTIVITY'],
  [ViolationType.SCORE_BELOW_THRESHOLD, 'SCORE_BELOW_THRESHOLD'],
  [ViolationType.DEADLOCK, 'DEADLOCK'],
  [ViolationType.MISBEHAVING_COMMIT, 'MISBEHAVING_COMMIT'],
]);

function emergencyOf(evidence: Evidence): EmergencyRequest | undefined {
  const violation = VIOLATIONS.get(evidence.violationType);
  if (violation === undefined) return undefined;
  const accusesNobody = evidence.targetMemberId.length === 0;
  if ((violation === 'DEADLOCK') !== accusesNobody) return undefined;
  return {
    kind: 'emergency',
    violation,
    target: accusesNobody ? undefined : memberIdFromBytes(evidence.targetMemberId),
    evidence: evidence.evidencePayload.slice(),
    epoch: evidence.epoch,
    creator: memberIdFromBytes(evidence.creatorMemberId),
  };
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

export function electionRequest({ stewards, electionEpoch, retryRound }: StewardList): Uint8Array {
  return encodeConversationUpdateRequest({
    payload: {
      case: 'stewardElection',
      value: { proposedStewards: stewards.map(memberIdToBytes), electionEpoch, retryRound },
    },
  });
}

export function emergencyRequest({ violation, target, evidence, epoch, creator }: EmergencyRequest): Uint8Array {
  return encodeConversationUpdateRequest({
    payload: {
      case: 'emergencyCriteria',
      value: {
        evidence: {
          violationType: ViolationType[violation],
          targetMemberId: target === undefined ? new Uint8Array(0) : memberIdToBytes(target),
          evidencePayload: evidence,
          epoch,
          creatorMemberId: memberIdToBytes(creator),
        },
      },
    },
  });
}

export const kindOf = (request: UpdateRequest): ProposalKind => request.kind;

/** Whom a request is about. */
export function targetOf(request: UpdateRequest | undefined): MemberId | undefined {
  switch (request?.kind) {
    case 'addMember':
    case 'removeMember':
      return request.memberId;
    case 'emergency':
      return request.target;
    case 'stewardElection':
    case undefined:
      return undefined;
  }
}

/** Which of two classes of §11.1 a request belongs to: an emergency goes before everything else. */
export const isGovernance = (request: UpdateRequest): boolean =>
  request.kind === 'stewardElection' || request.kind === 'emergency';
