/**
 * What a member signs when it applied a commit (H-28), and how many of an epoch's members signed so for an entry of the journal. Pure.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, verifyMemberSignature } from '../identity/index.ts';
import type { JournalRecord } from '../wire/index.ts';

/** Begins with no tag of a vote or proposal, so that nothing else that a wallet signs here can be taken for one. */
const DOMAIN = 'conclave attestation 1';

/** That the commit of this hash (SHA-256, hex), which led to this epoch of this conversation, was applied. */
export function attestedBytes(conversationId: ConversationId, epoch: number, hash: string): Uint8Array {
  return new TextEncoder().encode(`${DOMAIN}\n${conversationId}\n${epoch}\n${hash}`);
}

/** How many different members of `roster` signed these bytes; undefined when one signature is wrong. */
export function witnesses(
  attestations: JournalRecord['attestations'],
  signed: Uint8Array,
  roster: readonly MemberId[],
): number | undefined {
  const found = new Set<MemberId>();
  for (const { member, signature } of attestations) {
    const memberId = memberIdOf(member);
    if (memberId === undefined || !roster.includes(memberId) || found.has(memberId)) return undefined;
    if (verifyMemberSignature(memberId, signed, signature).kind !== 'valid') return undefined;
    found.add(memberId);
  }
  return found.size;
}

function memberIdOf(bytes: Uint8Array): MemberId | undefined {
  try {
    return memberIdFromBytes(bytes);
  } catch {
    // Of another length than a member id.
    return undefined;
  }
}
