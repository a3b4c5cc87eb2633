/** What every StewardListPlugin must do (§12, §13, D-23). Call it inside a describe. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type {
  StewardListConfig,
  StewardListOptions,
  StewardListPlugin,
  StewardListSnapshot,
} from '../../main/protocol/steward-list/contract.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import { conversation, filled, memberOf, vectors } from '../main/protocol/vectors.ts';

export type CreateStewardList = (options: StewardListOptions, snapshot?: StewardListSnapshot) => StewardListPlugin;

const code = (name: string): unknown => expect.objectContaining({ code: name });
const everybody = (): boolean => true;
const members = (count: number): readonly MemberId[] => Array.from({ length: count }, (_, index) => filled(index + 1));
const settled = (ids: readonly MemberId[]) => ids.map((memberId) => ({ memberId, joinedAtEpoch: 0n }));

/** The suite; `create` makes a plug-in without a list, or with what the snapshot says. */
export function stewardListCompliance(create: CreateStewardList): void {
  const make = (config: Partial<StewardListConfig> = {}, id = 'conversation', maxReelectionAttempts = 1) =>
    create({
      conversationId: conversation(id),
      config: { min: 1, max: 5, allowSubsetCandidates: true, ...config },
      maxReelectionAttempts,
    });

  describe('generation and validation', () => {
    it.each(vectors.steward_lists.map((row, index) => [`${row.label} ${index}`, row] as const))(
      'R-201 the list "%s" is that of the vector and survives its own validation',
      (_label, row) => {
        const pool = row.members.map(memberOf);
        const plugin = make({ min: row.sn_min, max: row.sn_max }, row.conversation_id);
        const list = plugin.regenerate(pool, BigInt(row.election_epoch), row.retry_round);
        expect(list.stewards).toEqual(row.list.map(memberOf));
        expect(list.stewards.length).toBe(row.sn);
        expect(plugin.list()).toBe(list);
        expect(plugin.validate(list, pool)).toBe(true);
        expect(plugin.validate(list, list.stewards)).toBe(true);
        expect(plugin.validate(list, [...pool].reverse())).toBe(true);
      },
    );

    it('R-205 another order, epoch, round, pool or nobody at all is not valid', () => {
      const plugin = make();
      const pool = members(5);
      const list = plugin.regenerate(pool, 0n, 0);
      const [first, second, ...rest] = list.stewards;
      const swapped = [second, first, ...rest].filter((member) => member !== undefined);
      const outsider = [filled(9), ...list.stewards.slice(1)];
      expect(plugin.validate({ ...list, stewards: swapped }, pool)).toBe(false);
      expect(plugin.validate({ ...list, electionEpoch: 1n }, pool)).toBe(false);
      expect(plugin.validate({ ...list, retryRound: 1 }, pool)).toBe(false);
      expect(plugin.validate({ ...list, stewards: outsider }, pool)).toBe(false);
      expect(plugin.validate({ ...list, stewards: [] }, pool)).toBe(false);
      expect(plugin.validate(list, [])).toBe(false);
    });

    it('R-203 R-205 only a list in the generated order can be installed', () => {
      const plugin = make({ min: 2, max: 3 });
      const { stewards } = make({ min: 3, max: 3 }).regenerate(members(3), 4n, 2);
      const list = { stewards, electionEpoch: 4n, retryRound: 2 };
      expect(() => plugin.install({ ...list, stewards: [...stewards].reverse() })).toThrow(code('InvalidOrder'));
      expect(() => plugin.install({ ...list, stewards: [] })).toThrow(code('EmptyMembersList'));
      const twice = stewards.slice(0, 1).concat(stewards.slice(0, 1));
      expect(() => plugin.install({ ...list, stewards: twice })).toThrow(code('InvalidOrder'));
      const long = make({ min: 4, max: 4 }).regenerate(members(4), 4n, 2);
      expect(() => plugin.install(long)).toThrow(code('InvalidConfigSize'));
      expect(plugin.list()).toBeUndefined();
      plugin.install(list);
      expect(plugin.list()).toEqual(list);
    });

    it('R-203 nobody makes no list', () => {
      expect(() => make().regenerate([], 0n, 0)).toThrow(code('EmptyMembersList'));
    });

    it('R-204 below the minimum all members are listed, above the maximum exactly that many of the pool', () => {
      expect(make({ min: 4, max: 5 }).regenerate(members(3), 0n, 0).stewards.length).toBe(3);
      const pool = members(40);
      const { stewards } = make({ min: 4, max: 5 }).regenerate(pool, 0n, 0);
      expect(stewards.length).toBe(5);
      expect(stewards.every((steward) => pool.includes(steward))).toBe(true);
    });

    it('R-200 a configuration needs 1 <= min <= max', () => {
      const plugin = make();
      for (const [min, max] of [
        [0, 1],
        [3, 2],
        [1.5, 2],
        [-1, 1],
      ] as const) {
        expect(() => plugin.setConfig({ min, max, allowSubsetCandidates: true })).toThrow(code('InvalidConfigSize'));
        expect(() => make({ min, max })).toThrow(code('InvalidConfigSize'));
      }
      plugin.setConfig({ min: 2, max: 2, allowSubsetCandidates: false });
      expect(plugin.config()).toEqual({ min: 2, max: 2, allowSubsetCandidates: false });
    });

    it('R-206 the list remembers its own round, whatever the counter does', () => {
      const plugin = make();
      plugin.regenerate(members(3), 0n, 2);
      plugin.bumpRetry();
      plugin.resetRetry();
      expect(plugin.list()?.retryRound).toBe(2);
    });
  });

  describe('positions', () => {
    it('R-207 over the epochs of a list each steward serves once, and the backup is next', () => {
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 8 }), fc.bigInt(0n, 1n << 40n), (count, start) => {
          const plugin = make({ min: 1, max: 8 });
          const { stewards } = plugin.regenerate(members(count), start, 0);
          const served = stewards.map((_, index) => plugin.positions(start + BigInt(index), everybody));
          expect(served.map((each) => each.epochSteward)).toEqual(stewards);
          expect(served.map((each) => each.backupSteward)).toEqual([...stewards.slice(1), stewards[0]]);
          expect(plugin.exhausted(start + BigInt(count))).toBe(true);
          expect(plugin.positions(start + BigInt(count), everybody)).toEqual({});
          if (start > 0n) expect(plugin.exhausted(start - 1n)).toBe(true);
        }),
        { numRuns: 30 },
      );
    });

    it('R-209 a single steward is its own nominal backup, has no live backup, and serves one epoch', () => {
      const plugin = make();
      plugin.regenerate([filled(1)], 3n, 0);
      expect(plugin.nominalPositions(3n)).toEqual({ epochSteward: filled(1), backupSteward: filled(1) });
      expect(plugin.positions(3n, everybody)).toEqual({ epochSteward: filled(1) });
      expect(plugin.exhausted(4n)).toBe(true);
    });

    it('R-210 R-213 whoever is not eligible is passed over, and the pair stays distinct', () => {
      const eligibility = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
      fc.assert(
        fc.property(eligibility, fc.integer({ min: 0, max: 4 }), (flags, epoch) => {
          const plugin = make();
          const { stewards } = plugin.regenerate(members(5), 0n, 0);
          const eligible = (member: MemberId): boolean => flags[stewards.indexOf(member)] === true;
          const { epochSteward, backupSteward } = plugin.positions(BigInt(epoch), eligible);
          const left = stewards.filter(eligible);
          expect(plugin.eligibleStewards(eligible)).toEqual(left);
          expect(epochSteward !== undefined).toBe(left.length >= 1);
          expect(backupSteward !== undefined).toBe(left.length >= 2);
          if (epochSteward !== undefined) expect(eligible(epochSteward)).toBe(true);
          if (backupSteward !== undefined) {
            expect(eligible(backupSteward)).toBe(true);
            expect(backupSteward).not.toBe(epochSteward);
          }
        }),
      );
    });

    it('R-211 without a list nobody is steward and nothing is exhausted', () => {
      const plugin = make();
      expect(plugin.isSteward(filled(1))).toBe(false);
      expect(plugin.exhausted(99n)).toBe(false);
      expect(plugin.positions(0n, everybody)).toEqual({});
      expect(plugin.nominalPositions(0n)).toEqual({});
      expect(plugin.electionProposer(everybody)).toBeUndefined();
      expect(plugin.eligibleStewards(everybody)).toEqual([]);
      expect(plugin.role(filled(1), 0n, everybody)).toBe('member');
      expect(plugin.reconcile(settled(members(2)), 5n)).toBeUndefined();
    });

    it('R-212 the election proposer is the first eligible of the list, also when it is exhausted', () => {
      const plugin = make();
      const { stewards } = plugin.regenerate(members(3), 0n, 0);
      expect(plugin.electionProposer(everybody)).toBe(stewards[0]);
      expect(plugin.electionProposer((member) => member !== stewards[0])).toBe(stewards[1]);
      expect(plugin.electionProposer(() => false)).toBeUndefined();
    });

    it('R-222 everybody has the role of the epoch; when the list is exhausted stewards stay stewards', () => {
      const plugin = make({ min: 1, max: 3 });
      const pool = members(4);
      const { stewards } = plugin.regenerate(pool, 0n, 0);
      const outside = pool.find((member) => !stewards.includes(member)) ?? expect.fail();
      const roles = (epoch: bigint) => [...stewards, outside].map((member) => plugin.role(member, epoch, everybody));
      expect(roles(0n)).toEqual(['epoch_steward', 'backup_steward', 'steward', 'member']);
      expect(roles(2n)).toEqual(['backup_steward', 'steward', 'epoch_steward', 'member']);
      expect(roles(3n)).toEqual(['steward', 'steward', 'steward', 'member']);
    });
  });

  describe('retries and elections', () => {
    it('R-214 the second failure is too many by default, the fourth with three allowed; a commit starts anew', () => {
      const plugin = make();
      expect(plugin.bumpRetry()).toEqual({ kind: 'retry', round: 1 });
      expect(plugin.bumpRetry()).toEqual({ kind: 'exhausted', round: 2, max: 1 });
      plugin.resetRetry();
      expect(plugin.retryCounter()).toBe(0);
      plugin.setMaxReelectionAttempts(3);
      expect([1, 2, 3, 4].map(() => plugin.bumpRetry().kind)).toEqual(['retry', 'retry', 'retry', 'exhausted']);
    });

    it('R-214 the counter does not wrap at the largest u32', () => {
      const full = { config: make().config(), retryCounter: 0xffffffff, maxReelectionAttempts: 1 };
      const plugin = create({ conversationId: conversation('x'), config: full.config, maxReelectionAttempts: 1 }, full);
      expect(plugin.bumpRetry()).toEqual({ kind: 'exhausted', round: 0xffffffff, max: 1 });
    });

    it('R-202 the next election uses the counter and changes nothing yet', () => {
      const plugin = make({ min: 1, max: 2 });
      plugin.regenerate(members(6), 0n, 0);
      const before = plugin.snapshot();
      expect(plugin.nextElection(members(6), 7n)).toMatchObject({ electionEpoch: 7n, retryRound: 0 });
      expect(plugin.snapshot()).toBe(before);
      plugin.bumpRetry();
      const second = plugin.nextElection(members(6), 7n);
      expect(second.retryRound).toBe(1);
      expect(plugin.validate(second, members(6))).toBe(true);
    });
  });

  describe('renewal without a vote', () => {
    it('R-216 a small group renews an exhausted list by itself, and only then', () => {
      const plugin = make({ min: 1, max: 3 });
      plugin.regenerate(members(2), 0n, 1);
      expect(plugin.reconcile(settled(members(3)), 1n)).toBeUndefined();
      const renewed = plugin.reconcile(settled(members(3)), 2n) ?? expect.fail();
      expect(renewed).toMatchObject({ electionEpoch: 2n, retryRound: 0 });
      expect([...renewed.stewards].sort()).toEqual([...members(3)].sort());
      expect(plugin.list()).toBe(renewed);
      expect(plugin.reconcile(settled(members(3)), 2n)).toBeUndefined();
    });

    it('R-216 R-217 above the maximum of settled members only an election renews', () => {
      const plugin = make({ min: 1, max: 3 });
      plugin.regenerate(members(2), 0n, 0);
      expect(plugin.reconcile(settled(members(4)), 2n)).toBeUndefined();
      const joining = [...settled(members(3)), { memberId: filled(4), joinedAtEpoch: 2n }];
      const renewed = plugin.reconcile(joining, 2n) ?? expect.fail();
      expect([...renewed.stewards].sort()).toEqual([...members(3)].sort());
    });

    it('R-217 whoever joined in this epoch is not listed, in the next it is', () => {
      const plugin = make();
      plugin.regenerate([filled(1)], 0n, 0);
      const group = [{ memberId: filled(1) }, { memberId: filled(2), joinedAtEpoch: 1n }];
      expect(plugin.reconcile(group, 1n)?.stewards).toEqual([filled(1)]);
      expect(plugin.reconcile(group, 2n)?.stewards.length).toBe(2);
    });

    it('D-23 below the minimum everybody is a steward at once, newcomers too', () => {
      const plugin = make({ min: 4, max: 6 });
      plugin.regenerate([filled(1)], 0n, 0);
      const group = [{ memberId: filled(1) }, { memberId: filled(2), joinedAtEpoch: 1n }];
      expect(plugin.reconcile(group, 1n)?.stewards.length).toBe(2);
      expect(plugin.reconcile(group, 2n)).toBeUndefined();
      expect(plugin.reconcile(group, 3n)?.electionEpoch).toBe(3n);
    });

    it('R-216 all members compute the same list, whatever order they know each other in', () => {
      const shuffled = fc.shuffledSubarray([...members(6)], { minLength: 6, maxLength: 6 });
      fc.assert(
        fc.property(shuffled, (order) => {
          const [one, other] = [members(6), order].map((ids) => {
            const plugin = make({ min: 2, max: 6 });
            plugin.regenerate(members(2), 0n, 0);
            return plugin.reconcile(settled(ids), 2n);
          });
          expect(one).toEqual(other);
        }),
        { numRuns: 20 },
      );
    });
  });

  describe('snapshot', () => {
    it('R-308 is the same reference until something changes, and carries everything over', () => {
      const plugin = make();
      const before = plugin.snapshot();
      plugin.resetRetry();
      expect(plugin.snapshot()).toBe(before);
      plugin.regenerate(members(3), 1n, 0);
      plugin.bumpRetry();
      const after = plugin.snapshot();
      expect(after).not.toBe(before);
      expect(before.list).toBeUndefined();
      const options = {
        conversationId: conversation('conversation'),
        config: plugin.config(),
        maxReelectionAttempts: 9,
      };
      const restored = create(options, after);
      expect(restored.snapshot()).toBe(after);
      expect(restored.positions(1n, everybody)).toEqual(plugin.positions(1n, everybody));
      expect(restored.retryCounter()).toBe(1);
      expect(restored.maxReelectionAttempts()).toBe(1);
    });
  });
}
