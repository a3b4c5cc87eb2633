/**
 * Whether somebody who wants to join may be proposed, and whether a rule or people decide (architecture 4, H-10, H-33).
 * Knows key packages and the group's rules, not votes.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import { KEY_PACKAGE_NOT_BEFORE_MS, MAX_MEMBERS, REJOIN_FRESH_MS } from '../../../shared/limits.ts';
import type { ValidatedKeyPackage } from '../mls/contract.ts';
import { MlsError } from '../mls/errors.ts';
import { hexOf, type Draft } from './draft.ts';
import { inviteMacVerifies } from './invite.ts';
import type { Reason } from './reasons.ts';

export interface JoinRequest {
  /** Whom the request names; absent: whoever the key package names. */
  readonly memberId?: MemberId;
  readonly keyPackage: Uint8Array;
  readonly mac: Uint8Array;
}

export type Admission =
  | {
      readonly kind: 'admissible';
      readonly memberId: MemberId;
      readonly reference: Uint8Array;
      /** Of the device that asks: two people cannot come in with one. */
      readonly signatureKey: Uint8Array;
      /** Every member's client says YES by itself: a valid invite, members may invite, and the group never removed this person. */
      readonly byRule: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: Reason };

const refused = (reason: Reason): Admission => ({ kind: 'refused', reason });

/** The checks of H-10 on a key package, and the rule that its invite proof satisfies. A member may ask to re-join (H-17). */
export async function admitJoin(draft: Draft, request: JoinRequest): Promise<Admission> {
  const { mls } = draft.context;
  const { state, now } = draft;
  try {
    const valid = await mls.validateKeyPackage(request.keyPackage, now);
    const { memberId, reference } = valid;
    if (request.memberId !== undefined && memberId !== request.memberId) return refused('IdentityMismatch');
    if (state.roster.usedKeyPackages.includes(hexOf(reference))) return refused('KeyPackageUsed');
    const present = mls.members(state.group);
    // We know best whether we ask to come in again.
    if (memberId === draft.self) return refused('OwnRejoin');
    // An approved join that no commit can hold would keep the group from every other change.
    if (present.length >= MAX_MEMBERS && !present.some((member) => member.memberId === memberId))
      return refused('GroupFull');
    const isKeyOfAnother = present.some(
      (member) => member.memberId !== memberId && Buffer.compare(member.signatureKey, valid.signatureKey) === 0,
    );
    if (isKeyOfAnother) return refused('DuplicateKey');
    // An announcement of before, repeated by whoever kept it, must not put a member out whose device has forgotten it.
    const join = present.some((member) => member.memberId === memberId)
      ? state.roster.joins.find((other) => other.memberId === memberId)
      : undefined;
    if (join?.keyPackageFrom !== undefined && valid.notBeforeSeconds < join.keyPackageFrom)
      return refused('KeyPackageOutdated');
    const { signatureKey } = valid;
    // Who is in the group is not the question: the same device of a member asks for its place (H-17).
    const isOwnDevice = isDeviceOfMember(draft, valid);
    return {
      kind: 'admissible',
      memberId,
      reference,
      signatureKey,
      byRule: isOwnDevice || decidedByRule(draft, memberId, request),
    };
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    return refused(error.code);
  }
}

/** A key package that a member's own device made a moment ago: its wallet and its device signed it, and no invite is needed. */
export function isDeviceOfMember(
  { context, state, now }: Draft,
  { memberId, signatureKey, notBeforeSeconds }: ValidatedKeyPackage,
): boolean {
  const madeAt = notBeforeSeconds * 1000 + KEY_PACKAGE_NOT_BEFORE_MS;
  if (Math.abs(now - madeAt) > REJOIN_FRESH_MS) return false;
  const leaf = context.mls.members(state.group).find((member) => member.memberId === memberId);
  return leaf !== undefined && Buffer.compare(leaf.signatureKey, signatureKey) === 0;
}

function decidedByRule(draft: Draft, memberId: MemberId, request: JoinRequest): boolean {
  const { invite, rules, queues } = draft.state;
  return (
    rules.settings.membersMayInvite &&
    invite !== undefined &&
    inviteMacVerifies(invite.secret, request.keyPackage, request.mac) &&
    !queues.votedOut.includes(memberId)
  );
}
