/** How a steward list comes about: sizes, order, validation (§12.1 to §12.3). Pure; knows no installed list. */
import { createHash } from 'node:crypto';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import type { StewardList, StewardListConfig } from './contract.ts';
import { StewardListError } from './errors.ts';

const MAX_U32 = 0xffffffff;

/** What goes into the order beside the member. */
export interface OrderSeed {
  readonly conversationId: ConversationId;
  readonly electionEpoch: bigint;
  readonly retryRound: number;
}

/** Throws InvalidConfigSize unless 1 <= min <= max. §12.1 */
export function validateStewardListConfig({ min, max }: StewardListConfig): void {
  const whole = [min, max].every((size) => Number.isInteger(size) && size <= MAX_U32);
  if (!whole || min < 1 || max < min) throw new StewardListError('InvalidConfigSize');
}

/** Smallest and largest valid list among `total` members; the largest is the one that is chosen. §12.1 */
export function validSizes(config: StewardListConfig, total: number): { readonly min: number; readonly max: number } {
  if (total < config.min) return { min: total, max: total };
  return { min: config.min, max: Math.min(config.max, total) };
}

/** H( u64be(election epoch) || u32be(retry round) || member || utf8(conversation id) ). §12.2 */
export function stewardKey(memberId: MemberId, seed: OrderSeed): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setBigUint64(0, seed.electionEpoch);
  numbers.setUint32(8, seed.retryRound);
  return new Uint8Array(
    createHash('sha256')
      .update(new Uint8Array(numbers.buffer))
      .update(memberIdToBytes(memberId))
      .update(seed.conversationId, 'utf8')
      .digest(),
  );
}

/** The whole pool in ascending order of the key; whatever order it came in. §12.2 */
export function stewardOrder(pool: readonly MemberId[], seed: OrderSeed): readonly MemberId[] {
  return pool
    .map((memberId) => ({ memberId, key: stewardKey(memberId, seed) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ memberId }) => memberId);
}

/** The first `size` of the order. Throws EmptyMembersList, InvalidConfigSize; InvalidOrder for a member listed twice. §12.2 */
export function generateStewardList(
  pool: readonly MemberId[],
  seed: OrderSeed,
  config: StewardListConfig,
  size: number,
): StewardList {
  if (pool.length === 0) throw new StewardListError('EmptyMembersList');
  if (new Set(pool).size !== pool.length) throw new StewardListError('InvalidOrder');
  const { min, max } = validSizes(config, pool.length);
  if (!(size >= min && size <= max)) throw new StewardListError('InvalidConfigSize');
  return {
    stewards: stewardOrder(pool, seed).slice(0, size),
    electionEpoch: seed.electionEpoch,
    retryRound: seed.retryRound,
  };
}

/** Whether a list is the generated one of its length over the pool. Throws as generation does. §12.3 */
export function isGeneratedList(
  proposed: StewardList,
  conversationId: ConversationId,
  pool: readonly MemberId[],
  config: StewardListConfig,
): boolean {
  const { electionEpoch, retryRound, stewards } = proposed;
  const generated = generateStewardList(pool, { conversationId, electionEpoch, retryRound }, config, stewards.length);
  return generated.stewards.every((memberId, index) => stewards[index] === memberId);
}
