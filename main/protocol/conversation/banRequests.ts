/** BanRequest of the reference (D-15): a wish for a removal. The epoch steward opens the vote; people decide. */
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes } from '../identity/index.ts';
import { count, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { leadership, pendingRemovals } from './leadership.ts';
import { hasOpenVote } from './openVotes.ts';
import { openProposal } from './proposals.ts';
import { removalRequest } from './requests.ts';
import { isMember } from './roster.ts';

export async function receiveBanRequest(draft: Draft, userToBan: Uint8Array): Promise<void> {
  const memberId = identityOf(userToBan);
  if (memberId === undefined || !isMember(draft, memberId)) {
    count(draft, 'BanTargetNotMember');
    return;
  }
  const isOurs = draft.state.phase.phase === 'working' && leadership(draft).epochSteward === draft.self;
  const isUnderWay = pendingRemovals(draft).has(memberId) || hasOpenVote(draft, 'removeMember', memberId);
  if (!isOurs || isUnderWay || memberId === draft.self) {
    count(draft, 'BanRequestIgnored');
    return;
  }
  try {
    const request = { kind: 'removeMember', memberId, reason: '' } as const;
    await openProposal(draft, removalRequest(memberId, ''), request, { ownYes: false, byRule: false });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    count(draft, error.code);
  }
}

function identityOf(bytes: Uint8Array): MemberId | undefined {
  try {
    return memberIdFromBytes(bytes);
  } catch {
    // Of another length than a member's id.
    return undefined;
  }
}
