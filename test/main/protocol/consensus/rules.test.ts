/** The rules of consensus as numbers: thresholds, rounds, decisions, ids, against the vectors. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  requiredVotes,
  resolveSessionConfig,
  roundLimit,
  SCOPE_PRESETS,
  validateScopeConfig,
} from '../../../../main/protocol/consensus/config.ts';
import { decide } from '../../../../main/protocol/consensus/decision.ts';
import {
  foldUuid,
  randomId,
  selfLeaveIdOfIdentity,
  selfLeaveName,
} from '../../../../main/protocol/consensus/identifiers.ts';
import { buildProposal } from '../../../../main/protocol/consensus/proposal.ts';
import { addVotes, startSession } from '../../../../main/protocol/consensus/session.ts';
import { buildVote } from '../../../../main/protocol/consensus/vote.ts';
import type { SessionConfig } from '../../../../main/protocol/consensus/index.ts';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { filled, hex, vectors } from '../vectors.ts';

const TWO_THIRDS = 2 / 3;
const tally = (
  expectedVoters: number,
  yes: number,
  no: number,
  livenessCriteriaYes: boolean,
  threshold = TWO_THIRDS,
) => ({
  expectedVoters,
  yes,
  no,
  livenessCriteriaYes,
  threshold,
});

describe('thresholds', () => {
  it.each(vectors.thresholds.map((row) => [row.expected_voters, row] as const))(
    'R-132 R-136 %i voters need the votes and rounds of the table',
    (voters, row) => {
      const config = (networkType: 'p2p' | 'gossipsub'): SessionConfig =>
        resolveSessionConfig(SCOPE_PRESETS[networkType], 'untilExpiration', {
          timestamp: 0n,
          expirationTimestamp: 1n,
          livenessCriteriaYes: true,
        });
      expect(requiredVotes(voters, TWO_THIRDS)).toBe(row.required_votes);
      expect(roundLimit(config('p2p'), voters)).toBe(row.p2p_max_rounds);
      expect(roundLimit(config('gossipsub'), voters)).toBe(row.gossipsub_max_rounds);
      expect(roundLimit({ ...config('p2p'), maxRounds: 7 }, voters)).toBe(7);
    },
  );

  it('R-136 two thirds are exact for every group size', () => {
    for (let voters = 3; voters <= 1000; voters += 1) {
      const required = requiredVotes(voters, TWO_THIRDS);
      expect(3 * required >= 2 * voters && 3 * (required - 1) < 2 * voters).toBe(true);
    }
  });

  it('R-149 a threshold of 0.9 asks for more votes, one of 0.6 for fewer, and fractions do not add any', () => {
    expect([0.6, TWO_THIRDS, 0.9].map((threshold) => requiredVotes(10, threshold))).toEqual([6, 7, 9]);
    expect(requiredVotes(10, 0.7)).toBe(7);
    expect(decide(tally(10, 6, 0, true, 0.6), false)).toBe(true);
    expect(decide(tally(10, 8, 0, true, 0.9), false)).toBeUndefined();
  });
});

describe('the strict rule', () => {
  it(`R-141 R-143 R-144 R-145 R-146 decides all ${vectors.decisions.length} rows of the table as its strict column says`, () => {
    expect(vectors.decisions.length).toBe(614);
    const wrong = vectors.decisions.filter(
      ([n, yes, no, liveness, timeout, , strict]) => (decide(tally(n, yes, no, liveness), timeout) ?? null) !== strict,
    );
    expect(wrong).toEqual([]);
  });

  it('R-138 a silent second voter of two is a rejection at the timeout, whatever silence means', () => {
    expect(decide(tally(2, 1, 0, true), false)).toBeUndefined();
    expect(decide(tally(2, 1, 0, true), true)).toBe(false);
  });

  it('R-142 an early decision is never contradicted by votes that come later', () => {
    const votes = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(votes, fc.boolean(), fc.nat(11), (all, liveness, cut) => {
        const count = (list: readonly boolean[]) =>
          tally(all.length, list.filter(Boolean).length, list.filter((vote) => !vote).length, liveness);
        const early = decide(count(all.slice(0, cut)), false);
        if (early !== undefined) expect(decide(count(all), false)).toBe(early);
        expect(decide(count(all), true)).toBeDefined();
      }),
    );
  });
});

describe('configuration', () => {
  const proposal = { timestamp: 100n, expirationTimestamp: 700n, livenessCriteriaYes: false };

  it('R-156 an explicit window keeps its timeout; otherwise the lifetime counts, or the base', () => {
    const scope = SCOPE_PRESETS.fast;
    expect(resolveSessionConfig(scope, { timeoutMs: 5 }, proposal).timeoutMs).toBe(5);
    expect(resolveSessionConfig(scope, 'untilExpiration', proposal).timeoutMs).toBe(600_000);
    expect(resolveSessionConfig(scope, 'untilExpiration', { ...proposal, expirationTimestamp: 100n }).timeoutMs).toBe(
      30_000,
    );
    expect(resolveSessionConfig(scope, 'untilExpiration', proposal).livenessCriteriaYes).toBe(false);
  });

  it('R-155 the presets are valid and have the values of the text', () => {
    for (const preset of Object.values(SCOPE_PRESETS)) expect(() => validateScopeConfig(preset)).not.toThrow();
    expect(SCOPE_PRESETS.strict.threshold).toBe(0.9);
    expect(SCOPE_PRESETS.fast).toMatchObject({ threshold: 0.6, timeoutMs: 30_000 });
    expect(() => validateScopeConfig({ ...SCOPE_PRESETS.p2p, maxRounds: 0 })).not.toThrow();
    for (const threshold of [-0.1, 1.1, Number.NaN]) {
      expect(() => validateScopeConfig({ ...SCOPE_PRESETS.p2p, threshold })).toThrow(
        expect.objectContaining({ code: 'InvalidConsensusThreshold' }),
      );
    }
  });
});

describe('identifiers', () => {
  it.each(vectors.id_fold.map((row) => [row.uuid, row.id] as const))(
    'R-102 the UUID %s folds to the id of the vector',
    (uuid, id) => {
      expect(foldUuid(hex(uuid.replaceAll('-', '')))).toBe(id);
    },
  );

  it('R-102 every one of the 128 bits that a UUID leaves free changes the id', () => {
    const base = new Uint8Array(16);
    const ids = Array.from({ length: 16 }, (_, index) => base.with(index, 1)).map((bytes) => randomId(() => bytes));
    expect(ids.every((id) => id !== randomId(() => base))).toBe(true);
  });

  it.each(vectors.self_leave_id.map((row) => [row.label, row] as const))(
    'R-051 the self-leave id of %s is that of the vector',
    (_label, row) => {
      const id = selfLeaveIdOfIdentity(hex(row.identity));
      expect(id).toBe(row.proposal_id);
      expect(selfLeaveName(id)).toBe(row.proposal_name);
    },
  );
});

describe('rounds', () => {
  const config: SessionConfig = {
    threshold: TWO_THIRDS,
    timeoutMs: 1000,
    maxRounds: 2,
    gossipsubRounds: true,
    livenessCriteriaYes: true,
  };
  const start = (expectedVoters: number, overrides: Partial<SessionConfig> = {}) => {
    const proposal = buildProposal({
      name: 'x',
      payload: new Uint8Array(),
      proposalId: 1 as ProposalId,
      owner: filled(1),
      expectedVoters,
      expirySeconds: 60,
      livenessCriteriaYes: true,
      epoch: 0n,
      now: 0,
    });
    return startSession(proposal, { config: { ...config, ...overrides }, roster: [], epoch: 0n, now: 0 });
  };
  const vote = (byte: number) =>
    buildVote(
      { voteId: byte, proposalId: 1, proposalHash: new Uint8Array(), timestampSeconds: 0n, choice: true, votes: [] },
      { memberId: filled(byte), sign: () => new Uint8Array(1) },
    );
  const votes = (count: number) => Array.from({ length: count }, (_, index) => vote(index + 1));
  const exceeded = expect.objectContaining({ code: 'MaxRoundsExceeded' }) as Error;

  it('R-130 R-134 gossipsub takes any batch up to the voters in one round', () => {
    expect(addVotes(start(4), votes(4), 0).proposal.round).toBe(2);
    const one = addVotes(start(4), votes(1), 0);
    expect(addVotes(one, votes(4).slice(1), 0).proposal.round).toBe(2);
    expect(addVotes(start(4), [], 0).proposal.round).toBe(1);
  });

  it('R-133 more votes than voters are refused', () => {
    expect(() => addVotes(start(3), votes(4), 0)).toThrow(exceeded);
    expect(() => addVotes(addVotes(start(3), votes(3), 0), [vote(9)], 0)).toThrow(exceeded);
  });

  it('R-131 R-134 p2p takes a round for each vote, up to the dynamic limit', () => {
    const p2p = { gossipsubRounds: false, maxRounds: 0 };
    expect(addVotes(start(5, p2p), votes(4), 0).proposal.round).toBe(5);
    expect(() => addVotes(start(5, p2p), votes(5), 0)).toThrow(exceeded);
  });

  it('R-114 two votes of one owner are refused', () => {
    expect(() => addVotes(start(3), [vote(1), vote(1)], 0)).toThrow(expect.objectContaining({ code: 'DuplicateVote' }));
  });

  it('R-135 the round does not wrap at the largest u32', () => {
    const session = start(0xffffffff, { gossipsubRounds: false, maxRounds: 0xffffffff });
    const last = { ...session, proposal: { ...session.proposal, round: 0xffffffff } };
    expect(addVotes(last, votes(1), 0).proposal.round).toBe(0xffffffff);
    expect(() => addVotes({ ...last }, votes(2), 0)).toThrow(exceeded);
  });

  it('R-100 R-101 the expiry saturates; zero voters and zero seconds are refused', () => {
    const draft = {
      name: '',
      payload: new Uint8Array(),
      proposalId: 1 as ProposalId,
      owner: filled(1),
      livenessCriteriaYes: true,
      epoch: 0n,
      now: 5000,
    };
    expect(buildProposal({ ...draft, expectedVoters: 1, expirySeconds: 1e300 }).expirationTimestamp).toBe(
      (1n << 64n) - 1n,
    );
    expect(buildProposal({ ...draft, expectedVoters: 1, expirySeconds: Infinity }).expirationTimestamp).toBe(
      (1n << 64n) - 1n,
    );
    expect(() => buildProposal({ ...draft, expectedVoters: 0, expirySeconds: 1 })).toThrow(
      expect.objectContaining({ code: 'InvalidExpectedVotersCount' }),
    );
    expect(() => buildProposal({ ...draft, expectedVoters: 1, expirySeconds: 0 })).toThrow(
      expect.objectContaining({ code: 'InvalidTimeout' }),
    );
  });
});
