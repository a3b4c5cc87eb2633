/** The steward list passes the contract's suite; its pure parts agree with the vectors. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  createStewardList,
  decodeStewardListSnapshot,
  encodeStewardListSnapshot,
  needsElection,
  pendingUpdateExpired,
  settledMembers,
  stewardOrder,
  validSizes,
} from '../../../../main/protocol/steward-list/index.ts';
import { stewardKey } from '../../../../main/protocol/steward-list/generation.ts';
import { isExhausted, livePositions } from '../../../../main/protocol/steward-list/rotation.ts';
import { stewardListCompliance } from '../../../compliance/steward-list.ts';
import { conversation, filled, memberOf, toHex, vectors } from '../vectors.ts';

describe('the steward list', () => {
  stewardListCompliance(createStewardList);
});

describe('vectors of the steward list', () => {
  it.each(vectors.steward_hash.map((row, index) => [index, row] as const))(
    'R-201 hash %i is that of the vector',
    (_index, row) => {
      const seed = {
        conversationId: conversation(row.conversation_id),
        electionEpoch: BigInt(row.epoch),
        retryRound: row.retry_round,
      };
      expect(toHex(stewardKey(memberOf(row.member_id), seed))).toBe(row.sha256);
    },
  );

  it.each(vectors.steward_lists.map((row, index) => [index, row] as const))(
    'R-201 R-202 the full order of list %i is that of the vector',
    (_index, row) => {
      const pool = row.members.map(memberOf);
      const seed = {
        conversationId: conversation(row.conversation_id),
        electionEpoch: BigInt(row.election_epoch),
        retryRound: row.retry_round,
      };
      expect(stewardOrder(pool, seed)).toEqual(row.full_order_indices.map((index) => pool[index]));
    },
  );

  it('R-200 every row of the size table', () => {
    for (const row of vectors.steward_sizes) {
      const sizes = validSizes({ min: row.sn_min, max: row.sn_max, allowSubsetCandidates: true }, row.total);
      expect(sizes).toEqual({ min: row.min_valid, max: row.max_valid });
      expect(sizes.max).toBe(row.chosen);
    }
  });

  it.each(vectors.rotation.map((row, index) => [index, row] as const))(
    'R-207 R-208 R-210 row %i of the rotation',
    (_index, row) => {
      const member = (name: string) => filled(Number(name.slice(1)) + 1);
      const list = { stewards: row.list.map(member), electionEpoch: BigInt(row.election_epoch), retryRound: 0 };
      const ineligible = row.ineligible.map(member);
      const positions = livePositions(list, BigInt(row.epoch), (id) => !ineligible.includes(id));
      expect(isExhausted(list, BigInt(row.epoch))).toBe(row.exhausted);
      expect(positions.epochSteward ?? null).toBe(row.epoch_steward === null ? null : member(row.epoch_steward));
      expect(positions.backupSteward ?? null).toBe(row.backup_steward === null ? null : member(row.backup_steward));
    },
  );

  it('R-182 every row of the pending expiry', () => {
    for (const row of vectors.pending_expiry) {
      expect(pendingUpdateExpired(BigInt(row.first_seen), BigInt(row.current_epoch), row.max_age)).toBe(row.dropped);
    }
  });
});

describe('the order', () => {
  it('R-201 R-202 is independent of the order of the pool and depends on epoch, round and conversation', () => {
    const pool = Array.from({ length: 12 }, (_, index) => filled(index + 1));
    const seed = { conversationId: conversation('c'), electionEpoch: 5n, retryRound: 0 };
    fc.assert(
      fc.property(fc.shuffledSubarray(pool, { minLength: 12 }), (shuffled) => {
        expect(stewardOrder(shuffled, seed)).toEqual(stewardOrder(pool, seed));
      }),
      { numRuns: 20 },
    );
    for (const other of [{ electionEpoch: 6n }, { retryRound: 1 }, { conversationId: conversation('d') }]) {
      expect(stewardOrder(pool, { ...seed, ...other })).not.toEqual(stewardOrder(pool, seed));
    }
  });
});

describe('elections', () => {
  it('R-217 are needed only when more settled members than places face an exhausted list', () => {
    const config = { min: 1, max: 2, allowSubsetCandidates: true };
    const list = { stewards: [filled(1)], electionEpoch: 0n, retryRound: 0 };
    const group = [1, 2, 3].map((byte) => ({ memberId: filled(byte), joinedAtEpoch: BigInt(byte - 1) }));
    expect(settledMembers(group, 2n)).toEqual([filled(1), filled(2)]);
    expect(needsElection(list, group, 2n, config)).toBe(false);
    expect(needsElection(list, group, 3n, config)).toBe(true);
    expect(needsElection({ ...list, electionEpoch: 3n }, group, 3n, config)).toBe(false);
    expect(needsElection(undefined, group, 3n, config)).toBe(false);
  });
});

describe('the stored form', () => {
  const options = {
    conversationId: conversation('c'),
    config: { min: 1, max: 5, allowSubsetCandidates: true },
    maxReelectionAttempts: 2,
  };

  it('R-308 comes back equal, with and without a list', () => {
    const plugin = createStewardList(options);
    expect(decodeStewardListSnapshot(encodeStewardListSnapshot(plugin.snapshot()))).toEqual(plugin.snapshot());
    plugin.regenerate([filled(1), filled(2)], (1n << 40n) + 3n, 1);
    plugin.bumpRetry();
    expect(decodeStewardListSnapshot(encodeStewardListSnapshot(plugin.snapshot()))).toEqual(plugin.snapshot());
  });

  it('damaged bytes and another version are refused', () => {
    const bytes = encodeStewardListSnapshot(createStewardList(options).snapshot());
    for (const bad of [new Uint8Array(), bytes.subarray(0, -1), bytes.with(1, 9)]) {
      expect(() => decodeStewardListSnapshot(bad)).toThrow(expect.objectContaining({ code: 'InvalidSnapshot' }));
    }
  });
});
