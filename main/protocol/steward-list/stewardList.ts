/**
 * The steward list of one conversation: the installed list, its configuration, the counter of failed elections (§12, §13).
 * All rules are pure functions in the files beside this one. Knows nothing about votes, commits or MLS.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type {
  RetryOutcome,
  StewardList,
  StewardListOptions,
  StewardListPlugin,
  StewardListSnapshot,
} from './contract.ts';
import { StewardListError } from './errors.ts';
import {
  generateStewardList,
  isGeneratedList,
  stewardOrder,
  validateStewardListConfig,
  validSizes,
} from './generation.ts';
import { reconcile } from './reconcile.ts';
import { electionProposer, isExhausted, livePositions, nominalPositions, roleOf } from './rotation.ts';

const MAX_U32 = 0xffffffff;

/** A conversation's steward list, empty or as a snapshot left it. Throws StewardListError InvalidConfigSize. */
export function createStewardList(options: StewardListOptions, snapshot?: StewardListSnapshot): StewardListPlugin {
  const { conversationId } = options;
  let state: StewardListSnapshot = snapshot ?? {
    config: options.config,
    retryCounter: 0,
    maxReelectionAttempts: options.maxReelectionAttempts,
  };
  validateStewardListConfig(state.config);

  /** Keeps the reference when nothing is different. */
  function change(part: Partial<StewardListSnapshot>): void {
    const next = { ...state, ...part };
    const keys = ['config', 'list', 'retryCounter', 'maxReelectionAttempts'] as const;
    if (keys.some((key) => next[key] !== state[key])) state = next;
  }

  function generate(pool: readonly MemberId[], electionEpoch: bigint, retryRound: number): StewardList {
    const { max } = validSizes(state.config, pool.length);
    return generateStewardList(pool, { conversationId, electionEpoch, retryRound }, state.config, max);
  }

  function validate(proposed: StewardList, pool: readonly MemberId[]): boolean {
    try {
      return isGeneratedList(proposed, conversationId, pool, state.config);
    } catch (error) {
      if (error instanceof StewardListError) return false;
      throw error;
    }
  }

  function bumpRetry(): RetryOutcome {
    const round = Math.min(state.retryCounter + 1, MAX_U32);
    change({ retryCounter: round });
    const max = state.maxReelectionAttempts;
    return round > max ? { kind: 'exhausted', round, max } : { kind: 'retry', round };
  }

  return {
    config: () => state.config,
    setConfig: (config) => {
      validateStewardListConfig(config);
      change({ config });
    },
    list: () => state.list,
    install: (list) => {
      if (!isGeneratedList(list, conversationId, list.stewards, state.config))
        throw new StewardListError('InvalidOrder');
      change({ list });
    },
    regenerate: (pool, electionEpoch, retryRound) => {
      const list = generate(pool, electionEpoch, retryRound);
      change({ list });
      return list;
    },
    reconcile: (members, epoch) => {
      const list = reconcile(state.list, members, epoch, conversationId, state.config);
      if (list !== undefined) change({ list });
      return list;
    },
    nextElection: (pool, epoch, retryRound = state.retryCounter) => generate(pool, epoch, retryRound),
    order: (pool, epoch) =>
      stewardOrder(pool, { conversationId, electionEpoch: epoch, retryRound: state.retryCounter }),
    validate,
    isSteward: (memberId) => state.list?.stewards.includes(memberId) === true,
    exhausted: (epoch) => isExhausted(state.list, epoch),
    positions: (epoch, eligible) => livePositions(state.list, epoch, eligible),
    nominalPositions: (epoch) => nominalPositions(state.list, epoch),
    electionProposer: (eligible) => electionProposer(state.list, eligible),
    eligibleStewards: (eligible) => (state.list?.stewards ?? []).filter(eligible),
    role: (memberId, epoch, eligible) => roleOf(state.list, memberId, epoch, eligible),
    retryCounter: () => state.retryCounter,
    maxReelectionAttempts: () => state.maxReelectionAttempts,
    setMaxReelectionAttempts: (attempts) => {
      change({ maxReelectionAttempts: attempts });
    },
    bumpRetry,
    resetRetry: () => {
      change({ retryCounter: 0 });
    },
    snapshot: () => state,
  };
}
