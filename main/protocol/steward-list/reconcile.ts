/**
 * When a list is renewed without a vote, and when it takes one (§12.6, §22, D-23). Pure: every member computes the same
 * from the same roster, so no traffic is needed.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { MemberJoin, StewardList, StewardListConfig } from './contract.ts';
import { generateStewardList, validSizes } from './generation.ts';
import { isExhausted } from './rotation.ts';

const FIRST_ROUND = 0;

/** Members whose joining commit lies before the current epoch: they have processed their welcome. §2 */
export function settledMembers(members: readonly MemberJoin[], epoch: bigint): readonly MemberId[] {
  return members.filter((member) => isSettled(member, epoch)).map((member) => member.memberId);
}

/**
 * The renewed list, or undefined when the installed one stays or an election is needed. A group below the minimum makes
 * everybody a steward; a group of at most `max` settled members renews an exhausted list by itself. Without a list nothing
 * is renewed: its first list comes with the sync. §12.6, D-23
 */
export function reconcile(
  list: StewardList | undefined,
  members: readonly MemberJoin[],
  epoch: bigint,
  conversationId: ConversationId,
  config: StewardListConfig,
): StewardList | undefined {
  if (list === undefined || members.length === 0) return undefined;
  const exhausted = isExhausted(list, epoch);
  if (members.length < config.min) {
    const everybody = members.map((member) => member.memberId);
    return exhausted || !sameMembers(list.stewards, everybody)
      ? renew(everybody, epoch, conversationId, config)
      : undefined;
  }
  if (!exhausted) return undefined;
  const settled = settledMembers(members, epoch);
  if (settled.length === 0 || settled.length > config.max) return undefined;
  return renew(settled, epoch, conversationId, config);
}

/** Whether only an election can renew the list: it is exhausted and there are more settled members than places. §12.6, §12.7 */
export function needsElection(
  list: StewardList | undefined,
  members: readonly MemberJoin[],
  epoch: bigint,
  config: StewardListConfig,
): boolean {
  return isExhausted(list, epoch) && settledMembers(members, epoch).length > config.max;
}

function renew(
  pool: readonly MemberId[],
  epoch: bigint,
  conversationId: ConversationId,
  config: StewardListConfig,
): StewardList {
  const seed = { conversationId, electionEpoch: epoch, retryRound: FIRST_ROUND };
  return generateStewardList(pool, seed, config, validSizes(config, pool.length).max);
}

function isSettled({ joinedAtEpoch }: MemberJoin, epoch: bigint): boolean {
  return joinedAtEpoch === undefined || joinedAtEpoch < epoch;
}

function sameMembers(a: readonly MemberId[], b: readonly MemberId[]): boolean {
  return a.length === b.length && a.every((memberId) => b.includes(memberId));
}
