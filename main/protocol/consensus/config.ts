/** How many votes and rounds a session needs and how long it runs (§10.1, §10.6, §10.7). Numbers only; knows no vote. */
import type { NetworkType, ScopeConfig, SessionConfig, VotingWindow } from './contract.ts';
import { ConsensusError } from './errors.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const TWO_THIRDS = 2 / 3;
/** Absorbs what binary fractions add: 10 * 0.7 must count as 7. */
const EPSILON = 1e-9;
/** Network type's own number of rounds; 0 is dynamic. */
const MAX_ROUNDS: Readonly<Record<NetworkType, number>> = { gossipsub: 2, p2p: 0 };
const MAX_U32 = 0xffffffff;

/** What a new scope starts with, and named variants of it. §10.1 */
export const SCOPE_PRESETS = {
  gossipsub: {
    networkType: 'gossipsub',
    threshold: TWO_THIRDS,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    livenessCriteriaYes: true,
  },
  p2p: { networkType: 'p2p', threshold: TWO_THIRDS, timeoutMs: DEFAULT_TIMEOUT_MS, livenessCriteriaYes: true },
  strict: { networkType: 'gossipsub', threshold: 0.9, timeoutMs: DEFAULT_TIMEOUT_MS, livenessCriteriaYes: true },
  fast: { networkType: 'gossipsub', threshold: 0.6, timeoutMs: 30_000, livenessCriteriaYes: true },
} as const satisfies Readonly<Record<string, ScopeConfig>>;

/** Throws InvalidConsensusThreshold, InvalidTimeout, InvalidMaxRounds. §10.1 */
export function validateScopeConfig(config: ScopeConfig): void {
  if (!(config.threshold >= 0 && config.threshold <= 1)) {
    throw new ConsensusError('InvalidConsensusThreshold', { threshold: config.threshold });
  }
  checkTimeout(config.timeoutMs);
  const { maxRounds } = config;
  if (maxRounds === undefined) return;
  const inRange = Number.isInteger(maxRounds) && maxRounds >= 0 && maxRounds <= MAX_U32;
  if (!inRange || (maxRounds === 0 && config.networkType !== 'p2p')) {
    throw new ConsensusError('InvalidMaxRounds', { maxRounds });
  }
}

/**
 * The configuration of one session: an explicit window keeps its timeout, otherwise the proposal's own lifetime counts,
 * and the scope's timeout where that is not positive. The proposal's liveness always wins. §10.1
 */
export function resolveSessionConfig(
  scope: ScopeConfig,
  window: VotingWindow,
  proposal: {
    readonly timestamp: bigint;
    readonly expirationTimestamp: bigint;
    readonly livenessCriteriaYes: boolean;
  },
): SessionConfig {
  return {
    threshold: scope.threshold,
    timeoutMs: sessionTimeoutMs(scope, window, proposal.expirationTimestamp - proposal.timestamp),
    maxRounds: scope.maxRounds ?? MAX_ROUNDS[scope.networkType],
    gossipsubRounds: scope.networkType === 'gossipsub',
    livenessCriteriaYes: proposal.livenessCriteriaYes,
  };
}

/** Explicit votes of one choice that decide among `expectedVoters` members. §10.7 */
export function requiredVotes(expectedVoters: number, threshold: number): number {
  if (expectedVoters <= 2) return expectedVoters;
  if (Math.abs(threshold - TWO_THIRDS) < EPSILON) return Math.floor((2 * expectedVoters + 2) / 3);
  return Math.ceil(expectedVoters * threshold - EPSILON);
}

/** Rounds that a session may have. §10.6 */
export function roundLimit(config: SessionConfig, expectedVoters: number): number {
  return config.maxRounds === 0 ? requiredVotes(expectedVoters, config.threshold) : config.maxRounds;
}

function sessionTimeoutMs(scope: ScopeConfig, window: VotingWindow, lifetimeSeconds: bigint): number {
  if (window !== 'untilExpiration') {
    checkTimeout(window.timeoutMs);
    return window.timeoutMs;
  }
  const lifetimeMs = Number(lifetimeSeconds) * 1000;
  return lifetimeMs > 0 ? lifetimeMs : scope.timeoutMs;
}

function checkTimeout(timeoutMs: number): void {
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) throw new ConsensusError('InvalidTimeout', { timeoutMs });
}
