/**
 * Who is a member, since when, under which name, and who counts as settled. Knows MLS members and joins, not stewards.
 */
import { MAX_DISPLAY_NAME_LENGTH, MAX_USED_KEY_PACKAGES, PAST_EPOCHS_KEPT } from '../../../shared/limits.ts';
import { displayNameSchema } from '../../../shared/api/common.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { MemberJoin } from '../steward-list/contract.ts';
import type { Draft } from './draft.ts';
import type { ConversationContext } from './context.ts';
import type { ActiveState } from './state.ts';

export const epochOf = (state: Pick<ActiveState, 'group'>): number => Number(state.group.epoch);

/** Members in the order of their leaves. */
export function membersOf(context: ConversationContext, state: Pick<ActiveState, 'group'>): readonly MemberId[] {
  return context.mls.members(state.group).map((member) => member.memberId);
}

export const members = (draft: Draft): readonly MemberId[] => membersOf(draft.context, draft.state);

export const isMember = (draft: Draft, memberId: MemberId): boolean => members(draft).includes(memberId);

/** Members of the epoch in which a message was made; the present ones when that epoch is not remembered any more. H-1 */
export function rosterAt(draft: Draft, epoch: bigint): readonly MemberId[] {
  if (epoch === draft.state.group.epoch) return members(draft);
  return draft.state.roster.past.find((past) => past.epoch === Number(epoch))?.members ?? members(draft);
}

/** Members with the epoch of their join, as far as it counts for being settled. */
export function memberJoins(context: ConversationContext, state: ActiveState): readonly MemberJoin[] {
  return membersOf(context, state).map((memberId) => {
    const join = state.roster.joins.find((candidate) => candidate.memberId === memberId);
    return join === undefined ? { memberId } : { memberId, joinedAtEpoch: BigInt(join.epoch) };
  });
}

/** Members that joined in an earlier epoch than this one. */
export function settledMembers(context: ConversationContext, state: ActiveState): readonly MemberId[] {
  return memberJoins(context, state)
    .filter(({ joinedAtEpoch }) => joinedAtEpoch === undefined || joinedAtEpoch < state.group.epoch)
    .map(({ memberId }) => memberId);
}

/** A name as somebody claims it; undefined when it is none. */
export function cleanName(text: string): string | undefined {
  if (text.length > MAX_DISPLAY_NAME_LENGTH) return undefined;
  const parsed = displayNameSchema.safeParse(text);
  return parsed.success ? parsed.data : undefined;
}

/** Remembers a member's name and tells the messenger, when it is a name and new. */
export function learnName(draft: Draft, memberId: MemberId, text: string): void {
  const name = cleanName(text);
  const { roster } = draft.state;
  if (name === undefined || roster.names.some(([id, known]) => id === memberId && known === name)) return;
  draft.state.roster = { ...roster, names: [...roster.names.filter(([id]) => id !== memberId), [memberId, name]] };
  draft.effects.push({ kind: 'memberName', memberId, displayName: name });
}

/** Remembers the members of the epoch that ends now (H-31). */
export function rememberPastRoster(draft: Draft): void {
  const { roster } = draft.state;
  const ended = { epoch: epochOf(draft.state), members: members(draft), endedAt: draft.now };
  const past = [ended, ...roster.past].slice(0, PAST_EPOCHS_KEPT);
  draft.state.roster = { ...roster, past };
}

export function rememberKeyPackage(draft: Draft, reference: string): void {
  const { roster } = draft.state;
  const usedKeyPackages = [...roster.usedKeyPackages, reference].slice(-MAX_USED_KEY_PACKAGES);
  draft.state.roster = { ...roster, usedKeyPackages };
}
