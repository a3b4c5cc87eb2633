/**
 * Whether an elected list of stewards is the one that everybody computes, and nobody's choice (H-13): in the order of its epoch and
 * round, with nobody left out who had a place. Computed here once more; knows no election.
 */
import { createHash } from 'node:crypto';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../../../main/protocol/identity/index.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';

type Active = State & { readonly kind: 'active' };

/** The place of a member in the order of an election, as 12.2 defines it. */
function placeOf(
  memberId: MemberId,
  conversationId: ConversationId,
  electionEpoch: bigint,
  retryRound: number,
): string {
  const numbers = Buffer.alloc(12);
  numbers.writeBigUInt64BE(electionEpoch);
  numbers.writeUInt32BE(retryRound, 8);
  const hash = createHash('sha256').update(numbers).update(memberIdToBytes(memberId)).update(conversationId, 'utf8');
  return hash.digest('hex');
}

export class Elections {
  /** Members whose removal some honest member held for decided at some time: they have no claim to a place. */
  readonly #leaving = new Set<MemberId>();
  readonly #seen = new WeakSet<object>();

  sees({ queues }: Active): void {
    if (this.#seen.has(queues.approved)) return;
    this.#seen.add(queues.approved);
    for (const { change } of queues.approved) if (change.kind === 'remove') this.#leaving.add(change.memberId);
  }

  /** What is wrong with the list that was just elected; undefined when all is well. */
  objection({ stewardList, roster, conversationId, group }: Active, members: readonly MemberId[]): string | undefined {
    const { list, config, maxReelectionAttempts } = stewardList;
    if (list === undefined) return 'no list';
    const { stewards, electionEpoch, retryRound } = list;
    // A list that came late was judged by those who were there.
    if (electionEpoch < group.epoch) return undefined;
    if (electionEpoch > group.epoch) return `it begins in epoch ${electionEpoch}, and this is ${group.epoch}`;
    if (retryRound > maxReelectionAttempts) return `round ${retryRound} of ${maxReelectionAttempts}`;
    const place = (memberId: MemberId): string => placeOf(memberId, conversationId, electionEpoch, retryRound);
    const places = stewards.map(place);
    if (places.some((each, index) => index > 0 && each < (places[index - 1] ?? ''))) return 'an order of its own';
    const isNew = (memberId: MemberId): boolean =>
      roster.joins.some((join) => join.memberId === memberId && join.epoch >= Number(electionEpoch));
    const last = places.at(-1) ?? '';
    const left = members.filter(
      (memberId) =>
        !stewards.includes(memberId) &&
        !this.#leaving.has(memberId) &&
        !isNew(memberId) &&
        (stewards.length < config.max || place(memberId) < last),
    );
    return left.length === 0 ? undefined : `${stewards.length} listed, without ${left.join(', ')}`;
  }
}
