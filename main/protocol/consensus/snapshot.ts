/** The sessions of a conversation as bytes and back (§18.5 does not apply: the bytes are our own). Versioned and checked. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import {
  ConsensusSnapshotSchema,
  type ConsensusSnapshot as StoredSnapshot,
  type ScopeConfig as StoredScope,
  type Session as StoredSession,
  type SessionConfig as StoredConfig,
} from '../wire/generated/conclave/v1/snapshots_pb.js';
import { validateScopeConfig } from './config.ts';
import type {
  ConsensusSession,
  ConsensusSnapshot,
  Equivocation,
  ScopeConfig,
  SessionConfig,
  SessionState,
} from './contract.ts';
import { ConsensusError } from './errors.ts';

const VERSION = 1;

/** States by their number in the stored form. */
const STATES: readonly SessionState[] = [
  { kind: 'active' },
  { kind: 'reached', result: true, by: 'votes' },
  { kind: 'reached', result: false, by: 'votes' },
  { kind: 'reached', result: true, by: 'timeout' },
  { kind: 'reached', result: false, by: 'timeout' },
  { kind: 'failed' },
];

/** Protobuf bytes; equal snapshots give equal bytes. */
export function encodeConsensusSnapshot(snapshot: ConsensusSnapshot): Uint8Array {
  const rosters = [...new Set(snapshot.sessions.map((session) => session.roster))];
  const stored = create(ConsensusSnapshotSchema, {
    version: VERSION,
    scope: storeScope(snapshot.scope),
    rosters: rosters.map((roster) => ({ memberIds: roster.map(memberIdToBytes) })),
    sessions: snapshot.sessions.map((session) => ({
      proposal: session.proposal,
      rosterIndex: rosters.indexOf(session.roster),
      epoch: session.epoch,
      createdAtMs: BigInt(session.createdAtMs),
      ...(session.resolvedAtMs === undefined ? {} : { resolvedAtMs: BigInt(session.resolvedAtMs) }),
      config: { ...session.config, timeoutMs: BigInt(session.config.timeoutMs) },
      voteReceivedAtMs: session.votes.map((vote) => BigInt(vote.receivedAtMs)),
      state: stateNumber(session.state),
    })),
    equivocations: snapshot.equivocations.map((equivocation) => ({
      vote: equivocation.kind === 'vote',
      memberId: memberIdToBytes(equivocation.memberId),
      proposalId: equivocation.proposalId,
      atMs: BigInt(equivocation.atMs),
    })),
  });
  return toBinary(ConsensusSnapshotSchema, stored);
}

/** Throws ConsensusError InvalidSnapshot for bytes that are damaged or of another version. */
export function decodeConsensusSnapshot(bytes: Uint8Array): ConsensusSnapshot {
  const stored = parse(bytes);
  if (stored.version !== VERSION) throw new ConsensusError('InvalidSnapshot', { version: stored.version });
  try {
    const rosters = stored.rosters.map((roster) => roster.memberIds.map(memberIdFromBytes));
    const scope = restoreScope(required(stored.scope));
    validateScopeConfig(scope);
    return {
      scope,
      sessions: stored.sessions.map((session) => restoreSession(session, rosters)),
      equivocations: stored.equivocations.map((equivocation): Equivocation => ({
        kind: equivocation.vote ? 'vote' : 'proposal',
        memberId: memberIdFromBytes(equivocation.memberId),
        proposalId: equivocation.proposalId as ProposalId,
        atMs: Number(equivocation.atMs),
      })),
    };
  } catch {
    // A member id of a wrong length, a missing part, a number out of its range: all the same, the file is damaged.
    throw new ConsensusError('InvalidSnapshot');
  }
}

function parse(bytes: Uint8Array): StoredSnapshot {
  try {
    return fromBinary(ConsensusSnapshotSchema, bytes, { readUnknownFields: false });
  } catch {
    throw new ConsensusError('InvalidSnapshot');
  }
}

function restoreSession(stored: StoredSession, rosters: readonly (readonly MemberId[])[]): ConsensusSession {
  const proposal = required(stored.proposal);
  if (proposal.votes.length !== stored.voteReceivedAtMs.length) throw new ConsensusError('InvalidSnapshot');
  return {
    proposalId: proposal.proposalId as ProposalId,
    owner: memberIdFromBytes(proposal.proposalOwner),
    proposal,
    votes: proposal.votes.map((vote, index) => ({
      owner: memberIdFromBytes(vote.voteOwner),
      vote,
      receivedAtMs: Number(stored.voteReceivedAtMs[index]),
    })),
    state: required(STATES[stored.state]),
    config: restoreConfig(required(stored.config)),
    roster: required(rosters[stored.rosterIndex]),
    epoch: stored.epoch,
    createdAtMs: Number(stored.createdAtMs),
    ...(stored.resolvedAtMs === undefined ? {} : { resolvedAtMs: Number(stored.resolvedAtMs) }),
  };
}

function storeScope(scope: ScopeConfig) {
  return {
    p2p: scope.networkType === 'p2p',
    threshold: scope.threshold,
    timeoutMs: BigInt(scope.timeoutMs),
    livenessCriteriaYes: scope.livenessCriteriaYes,
    ...(scope.maxRounds === undefined ? {} : { maxRounds: scope.maxRounds }),
  };
}

function restoreScope(stored: StoredScope): ScopeConfig {
  return {
    networkType: stored.p2p ? 'p2p' : 'gossipsub',
    threshold: stored.threshold,
    timeoutMs: Number(stored.timeoutMs),
    livenessCriteriaYes: stored.livenessCriteriaYes,
    ...(stored.maxRounds === undefined ? {} : { maxRounds: stored.maxRounds }),
  };
}

function restoreConfig(stored: StoredConfig): SessionConfig {
  return {
    threshold: stored.threshold,
    timeoutMs: Number(stored.timeoutMs),
    maxRounds: stored.maxRounds,
    gossipsubRounds: stored.gossipsubRounds,
    livenessCriteriaYes: stored.livenessCriteriaYes,
  };
}

function stateNumber(state: SessionState): number {
  const number = STATES.findIndex(
    (known) =>
      known.kind === state.kind &&
      (known.kind !== 'reached' ||
        state.kind !== 'reached' ||
        (known.result === state.result && known.by === state.by)),
  );
  return number;
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new ConsensusError('InvalidSnapshot');
  return value;
}
